#include "connectors/mqtt/topic_interpreter.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"

namespace sosie::mqtt {
namespace {

using messages::Handles;

constexpr std::size_t of_map = 0;  // places in a topic's row
constexpr std::size_t of_device = 1;
constexpr std::size_t of_number = 2;
constexpr std::size_t of_values = 3;
constexpr std::uint8_t short_run = 3;     // messages
constexpr std::uint8_t turns_to_say = 3;  // A, B, A, B
constexpr std::size_t bytes_of_contested = 500;
constexpr std::size_t most_offline = 100'000;  // status topics that are remembered

std::size_t widest(const std::vector<TopicMap>& maps) {
  std::size_t most = 0;
  for (const auto& map : maps) most = std::max(most, map.payload.values.size());
  return most;
}

}  // namespace

TopicInterpreter::TopicInterpreter(std::vector<TopicMap> maps, std::optional<StatusMap> status)
    : maps_(std::move(maps)), status_(std::move(status)), handles_(of_values + widest(maps_)) {
  for (const auto& map : maps_) {
    readers_.emplace_back(map.payload);
    auto& entity = entity_of_status_.emplace_back();
    if (!status_) continue;
    if (auto made = Template::create(map.entity.text(), status_->pattern))
      entity = std::move(*made);
  }
}

Result<void> TopicInterpreter::read(const Message& message, Intake& intake,
                                    std::vector<Reading>& out) {
  std::uint32_t* const row = handles_.row(message.topic);
  if (row[of_map] == Handles::unknown && status_) {
    if (const auto named = status_->pattern.match(message.topic)) {
      handles_.forget_stranger(message.topic);
      return read_status(message, *named, intake, out);
    }
  }
  const std::size_t before = out.size();
  auto read = read_data(message, row, intake, out);
  if (read) return read;
  out.resize(before);
  handles_.forget_stranger(message.topic);
  return read;
}

Result<std::size_t> TopicInterpreter::map_of(std::string_view topic) const {
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    if (maps_[i].pattern.match(topic)) return i;
  }
  if (maps_.size() > 1) return Error{Errc::invalid, "the topic fits none of the patterns"};
  return Error{Errc::invalid, fmt::format("the topic does not fit the pattern '{}'",
                                          maps_.front().pattern.text())};
}

Result<void> TopicInterpreter::read_data(const Message& message, std::uint32_t* row, Intake& intake,
                                         std::vector<Reading>& out) {
  std::size_t which = row[of_map];
  if (row[of_map] == Handles::unknown) {
    which = TRY(map_of(message.topic));
  }
  const TopicMap& map = maps_[which];
  const bool is_senml = map.payload.format == PayloadMap::Format::senml;
  const auto payload =
      TRY(readers_[which].read(message.payload, is_senml ? intake.clock().now() : Timestamp{}));
  if (message.retained && !payload.at) {
    return Error{Errc::invalid,
                 "a retained message without a time: nobody knows when it was measured"};
  }
  const Timestamp at = payload.at.value_or(intake.clock().now());
  Quality quality = payload.quality;
  auto reason = quality == Quality::good ? QualityReason::none : QualityReason::sensor_fault;
  for (const auto& measured : payload.values) {
    auto& handle = row[of_values + measured.which];
    if (handle == Handles::unknown) {
      const auto series = TRY(series_of(message.topic, map, measured, intake));
      handle = series.index;
    }
  }
  row[of_map] = static_cast<std::uint32_t>(which);
  if (row[of_number] == Handles::unknown) {
    row[of_number] = static_cast<std::uint32_t>(topics_.size());
    topics_.push_back(handles_.name(message.topic));
  }
  const std::uint32_t topic = row[of_number];
  Device* const device = status_ ? &device_of(message, which, row) : nullptr;
  if (device != nullptr && device->is_offline) {
    quality = Quality::bad;
    reason = QualityReason::not_connected;
  }
  std::string contested;
  for (const auto& measured : payload.values) {
    const std::uint32_t handle = row[of_values + measured.which];
    const Timestamp when = measured.at.value_or(at);
    out.push_back({.at = when,
                   .value = measured.value,
                   .series = SeriesId{handle},
                   .quality = quality,
                   .reason = reason});
    Speaker& speaker = speaker_of(SeriesId{handle});
    if (&measured == payload.values.data()) contested = note_turn(speaker, topic);
    const bool has_time = payload.at || measured.at;
    auto contradicted = note_newest(speaker, topic, out.back(), has_time);
    if (contested.empty()) contested = std::move(contradicted);
    if (device != nullptr) note(*device, handle, measured.value, when);
  }
  if (!contested.empty()) say_contested(std::move(contested), message, intake);
  return {};
}

Result<SeriesId> TopicInterpreter::series_of(std::string_view topic, const TopicMap& map,
                                             const Measured& measured, Intake& intake) const {
  const auto named = map.pattern.match(topic).value_or(Named());
  const auto& own = map.payload.values[measured.which].attribute;
  const auto entity = map.entity.fill(named);
  const auto attribute = own.empty() ? map.attribute.fill(named) : own;
  auto series = intake.series(entity, attribute);
  if (!series) return series;
  SeriesInfo info;
  info.entity = entity;
  info.attribute = attribute.empty() ? "value" : attribute;
  if (map.location) info.location = map.location->fill(named);
  if (map.payload.units) info.unit = map.payload.units->kept(measured.which);
  if (!info.location.empty() || !info.unit.empty()) intake.declare(info);
  return series;
}

TopicInterpreter::Speaker& TopicInterpreter::speaker_of(SeriesId series) {
  if (series.index >= speakers_.size()) speakers_.resize(series.index + 1);
  return speakers_[series.index];
}

/// What is to be said where two topics take turns; empty: nothing, or not again.
std::string TopicInterpreter::note_turn(Speaker& speaker, std::uint32_t topic) const {
  if (speaker.topic == topic) {
    if (speaker.run < UINT8_MAX) ++speaker.run;
    return {};
  }
  const auto left = speaker.topic;
  const bool is_soon = left != Handles::unknown && speaker.run <= short_run;
  speaker.topic = topic;
  speaker.run = 1;
  speaker.turns = is_soon ? static_cast<std::uint8_t>(speaker.turns + 1) : std::uint8_t{0};
  if (speaker.turns < turns_to_say) return {};
  speaker.turns = turns_to_say - 1;
  if (std::exchange(speaker.is_said, true)) return {};
  return fmt::format(
      "the same series speaks from two topics in turn, this one and {}: are they one object? All "
      "of it is taken",
      topics_[left]);
}

/// What is to be said where two topics contradict each other; empty: nothing, or not again. The
/// time of a message that says none is ours, and contradicts nobody.
std::string TopicInterpreter::note_newest(Speaker& speaker, std::uint32_t topic,
                                          const Reading& reading, bool has_time) const {
  const auto other = speaker.newest_topic;
  if (other != Handles::unknown && reading.at < speaker.newest_at) return {};
  const auto before = std::exchange(speaker.newest, reading.value);
  const bool is_contradiction = has_time && other != topic && other != Handles::unknown &&
                                reading.at == speaker.newest_at && reading.value != before;
  speaker.newest_topic = topic;
  speaker.newest_at = reading.at;
  if (!is_contradiction || std::exchange(speaker.is_said, true)) return {};
  return fmt::format(
      "the same series has two values of one time ({}): {:.9g} here, {:.9g} from {}: are they one "
      "object? What came last is kept",
      to_iso8601(reading.at), reading.value, before, topics_[other]);
}

void TopicInterpreter::say_contested(std::string reason, const Message& message, Intake& intake) {
  contested_.fetch_add(1, std::memory_order_relaxed);
  intake.refuse({.source = "mqtt",
                 .reason = std::move(reason),
                 .sample = std::string(message.payload.substr(0, bytes_of_contested)),
                 .where = std::string(message.topic)});
}

// ---- who is there

/// The device that speaks. What it says itself, just now, shows that it is there.
TopicInterpreter::Device& TopicInterpreter::device_of(const Message& message, std::size_t map,
                                                      std::uint32_t* row) {
  std::uint32_t& number = row[of_device];
  if (number == Handles::unknown) {
    number = static_cast<std::uint32_t>(devices_.size());
    devices_.push_back({.topic = std::string(message.topic),
                        .map = map,
                        .number = row[of_number],
                        .latest = {},
                        .values = {}});
    const auto named = maps_[map].pattern.match(message.topic).value_or(Named());
    by_entity_[maps_[map].entity.fill(named)].push_back(number);
    const Device& made = devices_.back();
    devices_.back().is_offline = std::ranges::any_of(offline_, [&](const auto& one) {
      return is_meant(made, Named(one.second.begin(), one.second.end()));
    });
  }
  Device& device = devices_[number];
  if (!message.retained) device.is_offline = false;
  return device;
}

void TopicInterpreter::note(Device& device, std::uint32_t handle, double value,
                            Timestamp at) const {
  if (at < device.latest) return;
  device.latest = at;
  const auto known =
      std::ranges::find(device.values, handle, &std::pair<std::uint32_t, double>::first);
  if (known == device.values.end()) {
    device.values.emplace_back(handle, value);
  } else {
    known->second = value;
  }
}

/// Its latest values once more, after all that it has said; not where another topic has spoken of
/// the series since.
void TopicInterpreter::leave(Device& device, Timestamp now, std::vector<Reading>& out) const {
  if (device.is_offline) return;
  device.is_offline = true;
  device.latest = std::max(now, device.latest + std::chrono::milliseconds(1));
  for (const auto& [handle, value] : device.values) {
    if (speakers_[handle].newest_topic != device.number) continue;
    out.push_back({.at = device.latest,
                   .value = value,
                   .series = SeriesId{handle},
                   .quality = Quality::bad,
                   .reason = QualityReason::not_connected});
  }
}

/// Whether the device's topic has the same text under each name that it shares with the status,
/// and shares one, unless the status has none.
bool TopicInterpreter::is_meant(const Device& device, const Named& status) const {
  const auto named = maps_[device.map].pattern.match(device.topic).value_or(Named());
  bool shares_one = status.empty();
  for (const auto& [name, text] : status) {
    const auto found = std::ranges::find(named, name, &Named::value_type::first);
    if (found == named.end()) continue;
    if (found->second != text) return false;
    shares_one = true;
  }
  return shares_one;
}

Result<void> TopicInterpreter::read_status(const Message& message, const Named& named,
                                           Intake& intake, std::vector<Reading>& out) {
  const auto said = trim(message.payload);
  const bool is_gone = said == status_->offline;
  if (!is_gone && said != status_->online) {
    return Error{Errc::invalid, fmt::format("read '{}', expected {} or {}", said.substr(0, 60),
                                            status_->online, status_->offline)};
  }
  const Timestamp now = intake.clock().now();
  const auto change = [&](Device& device) {
    if (!is_meant(device, named)) return;
    if (is_gone) return leave(device, now, out);
    device.is_offline = false;
  };
  const bool names_device =
      std::ranges::any_of(entity_of_status_, [](const auto& entity) { return entity.has_value(); });
  if (!names_device) std::ranges::for_each(devices_, change);
  for (const auto& entity : entity_of_status_) {
    if (!entity) continue;
    const auto known = by_entity_.find(entity->fill(named));
    if (known == by_entity_.end()) continue;
    for (const auto number : known->second) change(devices_[number]);
  }
  if (!is_gone) {
    const auto known = offline_.find(message.topic);
    if (known != offline_.end()) offline_.erase(known);
  } else if (offline_.size() < most_offline) {
    auto& names = offline_[std::string(message.topic)];
    for (const auto& [name, text] : named) names.emplace(name, text);
  }
  return {};
}

}  // namespace sosie::mqtt
