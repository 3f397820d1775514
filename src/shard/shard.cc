#include "shard/shard.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "core/sift.h"
#include "shard/event_text.h"
#include "shard/state_bytes.h"

namespace sosie {
namespace {

constexpr std::string_view state_begins = "sosie shard 1\n";

struct IntakeKeys {
  Duration future_skew = std::chrono::minutes(1);
  Duration future_limit = std::chrono::hours(1);
};

/// As the engine's plan has them; who brings messages knows no devices before they speak.
Result<IntakeKeys> read_intake(Section& scenario) {
  IntakeKeys keys;
  auto intake = TRY(scenario.table("intake"));
  static constexpr std::array<std::string_view, 2> ways{"refuse", "declare"};
  const auto unknown = TRY(intake.choice("unknown", "refuse", ways));
  if (unknown != "declare") {
    return intake.wrong("unknown", "is not \"declare\": every device would be refused");
  }
  keys.future_skew = TRY(intake.duration("future_skew", keys.future_skew));
  keys.future_limit = TRY(intake.duration("future_limit", keys.future_limit));
  return keys;
}

Result<std::unique_ptr<messages::Mapping>> read_source(Section& scenario, std::string_view name) {
  auto sections = TRY(scenario.tables("source"));
  for (auto& section : sections) {
    const auto kind = TRY(section.text("kind"));
    const auto own_name = TRY(section.text("name", kind));
    if (name.empty() ? kind == "kafka" : own_name == name) return messages::read_mapping(section);
  }
  return scenario.wrong("source", name.empty() ? "has none of kind \"kafka\""
                                               : fmt::format("has none of name \"{}\"", name));
}

Result<rules::RuleSet> read_rules(Section& scenario, Shard::Part part) {
  auto set = TRY(rules::RuleSet::read(scenario));
  for (const auto& rule : set.rules) {
    if (rule.is_of_group() && part == Shard::Part::one_of_many) {
      return scenario.wrong("rule", fmt::format("\"{}\" is of a group, whose devices may be in "
                                                "other shards; expected only one shard",
                                                rule.name));
    }
  }
  return set;
}

}  // namespace

class Shard::Life final : messages::Names {
 public:
  Life(std::string asset, IntakeKeys keys, rules::RuleSet set,
       std::unique_ptr<messages::Mapping> mapping, std::shared_ptr<Clock> clock)
      : asset_(std::move(asset)),
        keys_(keys),
        mapping_(std::move(mapping)),
        clock_(std::move(clock)),
        book_(std::move(set), series_) {}

  void take(const messages::Message& message) {
    if (messages_ % messages_a_look == 0) now_ = clock_->now();
    const std::size_t which = messages_++;
    ++counts.messages;
    readings_.clear();
    const auto read = mapping_->read(message, *this, readings_);
    if (!read) {
      ++counts.messages_refused;
      refused.push_back({which, read.error().what});
      return;
    }
    const std::size_t before = readings_.size();
    sift(readings_, "shard", series_, now_ + keys_.future_limit);
    counts.readings_refused += before - readings_.size();
    judge();
  }

  void settle() {
    book_.settle(found_);
    tell();
  }

  void forget_output() {
    events.clear();
    refused.clear();
    messages_ = 0;
  }

  std::string save() const {
    std::string out(state_begins);
    put_number(out, series_.size());
    for (std::uint32_t i = 0; i < series_.size(); ++i) {
      put_text(out, series_[SeriesId{i}].entity);
      put_text(out, series_[SeriesId{i}].attribute);
    }
    for (const auto& device : devices_) {
      put_text(out, device);
      put_text(out, book_.save(device));
    }
    put_text(out, "");
    return out;
  }

  Result<void> load(std::string_view state) {
    const Error damaged{Errc::corrupt, "these are not the bytes of a shard"};
    if (!state.starts_with(state_begins)) return damaged;
    state.remove_prefix(state_begins.size());
    std::uint64_t count = 0;
    if (!get_number(state, count)) return damaged;
    for (; count > 0; --count) {
      std::string_view entity;
      std::string_view attribute;
      if (!get_text(state, entity) || !get_text(state, attribute)) return damaged;
      TRY(series(entity, attribute));
    }
    book_.refresh();
    for (;;) {
      std::string_view device;
      std::string_view bytes;
      if (!get_text(state, device)) return damaged;
      if (device.empty()) break;
      if (!get_text(state, bytes)) return damaged;
      TRY(book_.load(device, bytes));
    }
    return state.empty() ? Result<void>() : damaged;
  }

  std::vector<std::string> events;
  std::vector<Refused> refused;
  Counts counts;

 private:
  static constexpr std::size_t messages_a_look = 64;  ///< at the clock

  Result<SeriesId> series(std::string_view entity, std::string_view attribute) override {
    const auto known =
        attribute.empty() ? series_.find_entity(entity) : series_.find(entity, attribute);
    if (known) return *known;
    if (entity.empty()) return Error{Errc::invalid, "the entity's name is empty"};
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute.empty() ? "value" : attribute;
    info.asset = asset_;
    devices_.insert(info.entity);
    return series_.declare(info);
  }
  void say_unit(std::string_view entity, std::string_view attribute,
                std::string_view unit) override {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute;
    info.unit = unit;
    series_.declare(info);
  }
  Timestamp now() const override { return clock_->now(); }

  void judge() {
    book_.refresh();
    for (const Reading& reading : readings_) {
      ++counts.readings;
      // As the lane marks it: what runs ahead is no witness.
      if (reading.at > now_ + keys_.future_skew) continue;
      book_.take(reading, found_);
    }
    tell();
  }

  void tell() {
    for (const auto& event : found_) {
      events.push_back(event_text(event, book_.rule(event.episode), series_[event.episode.series]));
      ++counts.events;
    }
    found_.clear();
    counts.late = book_.counts().late;
    counts.too_late = book_.counts().too_late;
  }

  const std::string asset_;
  const IntakeKeys keys_;
  SeriesTable series_;
  std::set<std::string> devices_;  ///< in order, so that the same state is the same bytes
  std::unique_ptr<messages::Mapping> mapping_;
  std::shared_ptr<Clock> clock_;  ///< shared: a test turns it
  rules::RuleBook book_;
  rules::RuleBook::Events found_;
  std::vector<Reading> readings_;
  Timestamp now_;
  std::size_t messages_ = 0;  ///< since forget_output
};

Shard::Shard(std::unique_ptr<Life> life) : life_(std::move(life)) {}
Shard::~Shard() = default;
Shard::Shard(Shard&&) noexcept = default;
Shard& Shard::operator=(Shard&&) noexcept = default;

Result<Shard> Shard::create(Section& scenario, std::string_view source, Part part,
                            std::shared_ptr<Clock> clock) {
  const auto name = TRY(scenario.text("name"));
  auto asset = TRY(scenario.text("asset", name));
  const auto keys = TRY(read_intake(scenario));
  auto set = TRY(read_rules(scenario, part));
  auto mapping = TRY(read_source(scenario, source));
  return Shard(std::make_unique<Life>(std::move(asset), keys, std::move(set), std::move(mapping),
                                      std::move(clock)));
}

Result<Shard> Shard::open(const std::string& file, std::string_view source, Part part) {
  auto scenario = TRY(Section::read_file(file));
  return create(scenario, source, part, std::make_shared<SystemClock>());
}

void Shard::take(const messages::Message& message) {
  life_->take(message);
}
void Shard::settle() {
  life_->settle();
}
const std::vector<std::string>& Shard::events() const {
  return life_->events;
}
const std::vector<Shard::Refused>& Shard::refused() const {
  return life_->refused;
}
void Shard::forget_output() {
  life_->forget_output();
}
const Shard::Counts& Shard::counts() const {
  return life_->counts;
}
std::string Shard::save() const {
  return life_->save();
}
Result<void> Shard::load(std::string_view state) {
  return life_->load(state);
}

}  // namespace sosie
