#include "generating/generator.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "simulation/scalable.h"

namespace sosie::generating {
namespace {

constexpr std::uint64_t progress_every = 4096;  // messages between two looks at the clock

constexpr std::size_t most_described = 10000;
/// Of the devices that there may be, each text once.
std::vector<std::string> texts_of(const Plant& plant, SharedText SeriesInfo::* text) {
  std::vector<std::string> all;
  const auto add = [&](const SeriesInfo& info) {
    if (std::ranges::find(all, info.*text) == all.end()) all.emplace_back(info.*text);
  };
  const auto* const many = dynamic_cast<const Scalable*>(&plant);
  if (many != nullptr) std::ranges::for_each(many->examples(), add);
  if (!all.empty()) return all;
  for (std::size_t i = 0; i < std::min(plant.sensor_count(), most_described); ++i) {
    add(plant.describe(i));
  }
  return all;
}

Result<MessageTemplate> template_of(std::string_view text, const Plant& plant) {
  const auto attributes = attributes_of(plant);
  const std::vector<std::string_view> views(attributes.begin(), attributes.end());
  return MessageTemplate::create(text, views);
}

Duration scaled(Duration span, double speed) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(span.count()) / speed));
}

}  // namespace

std::vector<std::string> attributes_of(const Plant& plant) {
  return texts_of(plant, &SeriesInfo::attribute);
}

std::vector<std::string> kinds_of(const Plant& plant) {
  return texts_of(plant, &SeriesInfo::stage);
}

namespace {

/// `[source.message.of]`: templates of single kinds of devices.
Result<std::map<std::string, std::string>> read_of_kinds(Section& section, const Plant& plant) {
  std::map<std::string, std::string> made;
  if (!section.has("of")) return made;
  auto table = TRY(section.table("of"));
  const auto kinds = kinds_of(plant);
  for (const auto& kind : kinds) {
    auto text = TRY(table.text(kind, ""));
    if (text.empty()) continue;
    const auto read = template_of(text, plant);
    if (!read) return table.wrong(kind, read.error().what);
    made.emplace(kind, std::move(text));
  }
  TRY(table.finish());
  return made;
}

}  // namespace

Result<std::optional<MessageConfig>> MessageConfig::read(Section& source, const Plant& plant) {
  if (!source.has("message")) return std::optional<MessageConfig>();
  auto section = TRY(source.table("message"));
  MessageConfig config;
  config.of_kind = TRY(read_of_kinds(section, plant));
  const bool is_whole = !config.of_kind.empty() && config.of_kind.size() == kinds_of(plant).size();
  if (!is_whole || section.has("template")) {
    config.text = TRY(section.text("template"));
    const auto made = template_of(config.text, plant);
    if (!made) return section.wrong("template", made.error().what);
  }
  config.topic = TRY(section.text("topic", ""));
  if (!config.topic.empty()) {
    const auto topic = MessageTemplate::create_topic(config.topic);
    if (!topic) return section.wrong("topic", topic.error().what);
  }
  config.retain = TRY(section.flag("retain", false));
  config.status = TRY(section.text("status", ""));
  auto mishaps = TRY(section.table("mishaps"));
  config.mishaps = TRY(Mishaps::read(mishaps));
  TRY(mishaps.finish());
  TRY(section.finish());
  return std::optional(std::move(config));
}

// ---- the condition

Result<Condition> Condition::read(std::string_view text, const Plant& plant) {
  const auto at = text.find_first_of("<>");
  const auto number_at = at == std::string_view::npos ? at : text.find_first_not_of("<>=", at);
  const auto limit =
      number_at == std::string_view::npos ? std::nullopt : to_number(trim(text.substr(number_at)));
  if (!limit) {
    return Error{Errc::invalid, fmt::format("'{}': expected an attribute, >, >=, < or <=, and a "
                                            "number, as temperature>80",
                                            text)};
  }
  Condition made;
  made.attribute = trim(text.substr(0, at));
  made.limit = *limit;
  const auto sign = text.substr(at, number_at - at);
  if (sign != ">" && sign != ">=" && sign != "<" && sign != "<=") {
    return Error{Errc::invalid, fmt::format("'{}': expected >, >=, < or <=", sign)};
  }
  made.test = sign == ">"    ? Test::above
              : sign == ">=" ? Test::at_least
              : sign == "<"  ? Test::below
                             : Test::at_most;
  const auto attributes = attributes_of(plant);
  const std::vector<std::string_view> views(attributes.begin(), attributes.end());
  if (std::ranges::find(views, made.attribute) != views.end()) return made;
  const auto near = nearest(made.attribute, views);
  return Error{Errc::invalid,
               fmt::format("'{}' is no attribute here{}", made.attribute,
                           near ? fmt::format("; did you mean '{}'?", *near) : std::string())};
}

bool Condition::holds(double value) const {
  switch (test) {
    case Test::above:
      return value > limit;
    case Test::at_least:
      return value >= limit;
    case Test::below:
      return value < limit;
    case Test::at_most:
      return value <= limit;
  }
  return false;
}

// ---- making

Generator::Generator(Plant& plant, const Mishaps& mishaps, Orders orders)
    : plant_(plant),
      orders_(std::move(orders)),
      transport_(mishaps, orders_.seed, plant.period()),
      period_(plant.period()) {}

Result<Generator> Generator::create(Plant& plant, const MessageConfig& config, Orders orders) {
  Generator made(plant, config.mishaps, std::move(orders));
  TRY(made.read_templates(config));
  TRY(made.list_devices());
  return made;
}

Result<void> Generator::read_templates(const MessageConfig& config) {
  const auto add = [&](const std::string& kind, const std::string& text) -> Result<void> {
    auto made = TRY(template_of(text, plant_));
    message_of_kind_.emplace(kind, messages_.size());
    messages_.push_back(std::move(made));
    return {};
  };
  if (!config.text.empty()) {
    TRY(add("", config.text));
  }
  for (const auto& [kind, text] : config.of_kind) {
    TRY(add(kind, text));
  }
  if (config.topic.empty()) return {};
  topic_ = TRY(MessageTemplate::create_topic(config.topic));
  return {};
}

Result<std::size_t> Generator::kind_of(const SeriesInfo& sensor) {
  const auto found = std::ranges::find(kinds_, sensor.stage);
  if (found != kinds_.end()) return static_cast<std::size_t>(found - kinds_.begin());
  if (kinds_.size() > std::numeric_limits<std::uint8_t>::max()) {
    return Error{Errc::unsupported, "the plant has more than 256 parts"};
  }
  kinds_.emplace_back(sensor.stage);
  return kinds_.size() - 1;
}

Result<std::size_t> Generator::place_of(const SeriesInfo& sensor) {
  const auto known = place_numbers_.find(sensor.location.str());
  if (known != place_numbers_.end()) return known->second;
  if (places_.size() > std::numeric_limits<std::uint16_t>::max()) {
    return Error{Errc::unsupported, "the plant's devices stand in more than 65,536 places"};
  }
  place_numbers_.emplace(sensor.location.str(), places_.size());
  places_.push_back({json_escaped(sensor.location.str()), slug(sensor.location.str())});
  return places_.size() - 1;
}

Result<std::uint8_t> Generator::layout_of(std::size_t kind, std::span<const SeriesInfo> sensors) {
  const auto same = [&](const Layout& layout) {
    return layout.kind == kind &&
           std::ranges::equal(layout.attributes, sensors, {}, {}, &SeriesInfo::attribute);
  };
  const auto found = std::ranges::find_if(layouts_, same);
  if (found != layouts_.end()) return static_cast<std::uint8_t>(found - layouts_.begin());
  if (layouts_.size() > std::numeric_limits<std::uint8_t>::max()) {
    return Error{Errc::unsupported, "the plant has devices of more than 256 different kinds"};
  }
  Layout layout;
  layout.kind = kind;
  auto message = message_of_kind_.find(kinds_[kind]);
  if (message == message_of_kind_.end()) message = message_of_kind_.find("");
  if (message == message_of_kind_.end()) {
    return Error{Errc::invalid,
                 fmt::format("there is no template for devices of the kind '{}'", kinds_[kind])};
  }
  layout.message = message->second;
  for (const SeriesInfo& sensor : sensors) layout.attributes.push_back(sensor.attribute);
  const auto place = [&](const std::string& attribute) {
    const auto at = std::ranges::find(layout.attributes, attribute);
    return at == layout.attributes.end()
               ? -1
               : static_cast<std::int32_t>(at - layout.attributes.begin());
  };
  for (const auto& attribute : messages_[layout.message].attributes())
    layout.places.push_back(place(attribute));
  if (orders_.condition) layout.of_condition = place(orders_.condition->attribute);
  layouts_.push_back(std::move(layout));
  return static_cast<std::uint8_t>(layouts_.size() - 1);
}

Result<void> Generator::list_devices() {
  const std::size_t count = plant_.sensor_count();
  std::vector<SeriesInfo> of_device;
  for (std::size_t i = 0; i < count;) {
    of_device.clear();
    of_device.push_back(plant_.describe(i));
    Device device;
    device.first = static_cast<std::uint32_t>(i);
    for (++i; i < count; ++i) {
      auto sensor = plant_.describe(i);
      if (sensor.entity != of_device.front().entity) break;
      of_device.push_back(std::move(sensor));
    }
    const SeriesInfo& info = of_device.front();
    device.sensors = static_cast<std::uint16_t>(of_device.size());
    device.name = static_cast<std::uint32_t>(names_.size());
    const auto escaped = json_escaped(info.entity);
    if (escaped.size() > std::numeric_limits<std::uint16_t>::max()) {
      return Error{Errc::unsupported, "the plant has a device with an endless name"};
    }
    device.name_size = static_cast<std::uint16_t>(escaped.size());
    names_ += escaped;
    const std::size_t kind = TRY(kind_of(info));
    device.kind = static_cast<std::uint8_t>(kind);
    device.layout = TRY(layout_of(kind, of_device));
    const std::size_t place = TRY(place_of(info));
    device.place = static_cast<std::uint16_t>(place);
    devices_.push_back(device);
  }
  values_.resize(count);
  return {};
}

// ---- running

Result<void> Generator::run(MessageSink& sink, LabelSink& labels, const std::stop_token& stop,
                            const std::function<void(Timestamp)>& progress) {
  wall_began_ = clock_.now();
  began_ = stopwatch();
  bool is_first = true;
  auto told = stopwatch();
  std::uint64_t looked = 0;
  while (!stop.stop_requested() && !is_done()) {
    const Timestamp at = plant_.step(values_, labels);
    if (std::exchange(is_first, false)) plant_began_ = at - period_;
    if (at > orders_.end) break;
    if (auto lived = step(at, sink, stop); !lived) {
      if (stop.stop_requested()) break;
      return lived;
    }
    if (counts_.produced - looked < progress_every && orders_.speed == 0) continue;
    looked = counts_.produced;
    if (seconds_since(told) < 1) continue;
    told = stopwatch();
    progress(at);
  }
  TRY(release(Timestamp::max(), sink, {}));  // what was counted is sent, also after a stop
  counts_.devices =
      static_cast<std::uint64_t>(std::ranges::count(devices_, true, &Device::has_sent));
  counts_.held_devices =
      static_cast<std::uint64_t>(std::ranges::count(devices_, true, &Device::has_held));
  return sink.finish({});
}

Result<void> Generator::step(Timestamp at, MessageSink& sink, const std::stop_token& stop) {
  for (Device& device : devices_) {
    if (is_done() || stop.stop_requested()) return {};
    TRY(report(device, at, sink, stop));
  }
  return {};
}

/// Waits until it is time for the message of plant time `due`, or by the rate.
Result<void> Generator::pace(Timestamp due, MessageSink& sink, const std::stop_token& stop) {
  if (orders_.rate <= 0 && orders_.speed <= 0) return {};
  const Duration after = orders_.rate > 0
                             ? scaled(Duration(counts_.produced * 1'000'000), orders_.rate)
                             : scaled(due - plant_began_, orders_.speed);
  if (stopwatch() - began_ >= after) return {};
  TRY(sink.pause());
  clock_.sleep(wall_began_ + after, stop);
  return {};
}

void Generator::count_condition(Device& device, std::span<const PlantValue> values,
                                const Transport::Fate& fate) {
  const auto place = layouts_[device.layout].of_condition;
  if (place < 0) return;
  const PlantValue& value = values[static_cast<std::size_t>(place)];
  if (!value.sent || !orders_.condition->holds(value.value)) return;
  if (fate.mishap == Mishap::cut) {
    ++counts_.held_cut;
    return;
  }
  ++counts_.held_reports;
  counts_.held_messages += fate.mishap == Mishap::duplicate ? 2 : 1;
  device.has_held = true;
}

Result<void> Generator::report(Device& device, Timestamp at, MessageSink& sink,
                               const std::stop_token& stop) {
  const auto values = std::span(values_).subspan(device.first, device.sensors);
  const auto speaking = std::ranges::find(values, true, &PlantValue::sent);
  if (speaking == values.end()) {
    ++counts_.silent;
    return {};
  }
  // A clock that is wrong does not change when its device speaks.
  const Duration off = std::chrono::milliseconds(speaking->off_ms);
  const bool is_right = off <= Duration::zero() && off > -period_;
  const Timestamp due = is_right ? at + off : at;
  TRY(release(due, sink, stop));
  TRY(pace(due, sink, stop));
  auto fate = transport_.fate(sequence_);
  const std::uint64_t left =
      orders_.count ? *orders_.count - promised_ : std::numeric_limits<std::uint64_t>::max();
  if (left < 2 && fate.mishap == Mishap::duplicate) fate = {};  // the count is exact
  const Layout& layout = layouts_[device.layout];
  MessageTemplate& message = messages_[layout.message];
  const Report said{.device = name(device),
                    .kind = kinds_[device.kind],
                    .place = places_[device.place].name,
                    .place_slug = places_[device.place].slug,
                    .at = at + off,
                    .since = at + off - period_,
                    .sent = message.tells_sending() ? clock_.now() : Timestamp{},
                    .sequence = sequence_++,
                    .values = values,
                    .places = layout.places};
  if (const auto room = message.room_for(said); buffer_.size() < room) buffer_.resize(room);
  const char* const end = message.write(buffer_.data(), said);
  ++counts_.reports;
  device.has_sent = true;
  if (orders_.condition) count_condition(device, values, fate);
  const auto size = static_cast<std::size_t>(end - buffer_.data());
  return carry(key_of(said, sink), {buffer_.data(), size}, said.at, fate, sink, stop);
}

/// Valid until the next message.
std::string_view Generator::key_of(const Report& said, const MessageSink& sink) {
  if (!topic_ || !sink.wants_topics()) return said.device;
  if (const auto room = topic_->room_for(said); topic_buffer_.size() < room) {
    topic_buffer_.resize(room);
  }
  const char* const end = topic_->write(topic_buffer_.data(), said);
  return {topic_buffer_.data(), static_cast<std::size_t>(end - topic_buffer_.data())};
}

Result<void> Generator::carry(std::string_view key, std::string_view payload, Timestamp at,
                              const Transport::Fate& fate, MessageSink& sink,
                              const std::stop_token& stop) {
  ++promised_;
  const auto hold = [&] {
    held_.put({at + fate.held, 0, std::string(key), std::string(payload), at});
  };
  switch (fate.mishap) {
    case Mishap::none:
      break;
    case Mishap::late:
      ++counts_.late;
      hold();
      return {};
    case Mishap::out_of_order:
      ++counts_.out_of_order;
      hold();
      return {};
    case Mishap::duplicate:
      ++counts_.duplicate;
      ++promised_;
      hold();
      break;
    case Mishap::cut: {
      ++counts_.cut;
      const auto most = static_cast<double>(payload.size() - 1);
      payload =
          payload.substr(0, std::max<std::size_t>(static_cast<std::size_t>(most * fate.kept), 1));
      break;
    }
  }
  return send(key, payload, at, sink, stop);
}

/// Sends until it is taken; a sink that is away is asked again every second.
Result<void> Generator::send(std::string_view key, std::string_view payload, Timestamp at,
                             MessageSink& sink, const std::stop_token& stop) {
  for (;;) {
    auto sent = sink.send(key, payload, at, stop);
    if (sent) break;
    if (sent.error().code != Errc::unavailable || stop.stop_requested()) return sent;
    log::warning("simulate", "{}; trying again", sent.error().what);
    clock_.sleep(clock_.now() + std::chrono::seconds(1), stop);
  }
  ++counts_.produced;
  counts_.bytes += payload.size();
  return {};
}

Result<void> Generator::release(Timestamp now, MessageSink& sink, const std::stop_token& stop) {
  while (auto message = held_.take(now)) {
    TRY(send(message->key, message->payload, message->at, sink, stop));
  }
  return {};
}

}  // namespace sosie::generating
