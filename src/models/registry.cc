#include "models/registry.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "wire/json/value.h"
#include "wire/json/writer.h"

namespace sosie::models {
namespace {

constexpr std::int64_t register_format = 1;

constexpr std::array<std::pair<State, std::string_view>, 3> state_names{
    {{State::active, "active"}, {State::shadow, "shadow"}, {State::retired, "retired"}}};
constexpr std::array<std::pair<Trigger, std::string_view>, 6> trigger_names{
    {{Trigger::first, "first"},
     {Trigger::command, "command"},
     {Trigger::people, "people"},
     {Trigger::schedule, "schedule"},
     {Trigger::drift, "drift"},
     {Trigger::unknown, "unknown"}}};
constexpr std::array<std::pair<Step::What, std::string_view>, 5> step_names{
    {{Step::What::trained, "trained"},
     {Step::What::promoted, "promoted"},
     {Step::What::retired, "retired"},
     {Step::What::rolled_back, "rolled_back"},
     {Step::What::failed, "failed"}}};

template <class Names, class Value>
std::string_view name_in(const Names& names, Value value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "";
}

std::int64_t us_of(Timestamp at) {
  return at.time_since_epoch().count();
}

Error not_a_register(std::string_view what) {
  return Error{Errc::corrupt, fmt::format("a register of models: {}", what)};
}

/// Reads members of one object; the first that is missing or of another kind is kept as an error.
class MemberReader {
 public:
  explicit MemberReader(const json::Value& object) : object_(object) {}

  std::int64_t integer(std::string_view key) {
    const auto* const found = object_.find(key);
    const auto* const number =
        found == nullptr ? nullptr : std::get_if<std::int64_t>(&found->value);
    if (number == nullptr) return fail<std::int64_t>(key, "a whole number");
    return *number;
  }
  std::uint64_t count(std::string_view key) {
    const auto number = integer(key);
    if (number < 0) return fail<std::uint64_t>(key, "a number of 0 or more");
    return static_cast<std::uint64_t>(number);
  }
  double number(std::string_view key) {
    const auto* const found = object_.find(key);
    const auto value = found == nullptr ? std::nullopt : found->number();
    return value ? *value : fail<double>(key, "a number");
  }
  std::string text(std::string_view key) {
    const auto* const found = object_.find(key);
    const auto* const text = found == nullptr ? nullptr : found->text();
    return text == nullptr ? fail<std::string>(key, "a text") : *text;
  }
  Timestamp instant(std::string_view key) { return Timestamp(Duration(integer(key))); }
  template <class Names>
  auto choice(std::string_view key, const Names& names) {
    const auto word = text(key);
    for (const auto& [value, name] : names) {
      if (name == word) return value;
    }
    return fail<decltype(names.front().first)>(key, "a word that is known here");
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  template <class Value>
  Value fail(std::string_view key, std::string_view expected) {
    if (!error_) error_ = not_a_register(fmt::format("'{}': expected {}", key, expected));
    return Value{};
  }

  const json::Value& object_;
  std::optional<Error> error_;
};

void write_side(json::Writer& out, std::string_view key, const Trial::Side& side) {
  out.key(key);
  out.begin_object();
  out.member("episodes", side.episodes);
  out.member("wrong", side.wrong);
  out.member("confirmed", side.confirmed);
  out.member("sensors", side.sensors);
  out.end_object();
}

void write_trial(json::Writer& out, const Trial& trial) {
  out.begin_object();
  out.member("from_us", us_of(trial.from));
  out.member("to_us", us_of(trial.to));
  out.member("frames", trial.frames);
  out.member("error_ratio", trial.error_ratio);
  out.member("budget_per_day", trial.budget_per_day);
  write_side(out, "active", trial.active);
  write_side(out, "shadow", trial.shadow);
  out.end_object();
}

void write_version(json::Writer& out, const Version& version) {
  out.begin_object();
  out.member("number", version.number);
  out.member("state", to_text(version.state));
  out.member("trained_at_us", us_of(version.trained_at));
  out.member("from_us", us_of(version.from));
  out.member("to_us", us_of(version.to));
  out.member("rows", version.rows);
  out.member("sensors", version.sensors);
  out.member("left_out", version.left_out);
  out.member("trigger", to_text(version.trigger));
  out.member("why", version.why);
  if (version.trial) {
    out.key("trial");
    write_trial(out, *version.trial);
  }
  out.end_object();
}

void write_step(json::Writer& out, const Step& step) {
  out.begin_object();
  out.member("at_us", us_of(step.at));
  out.member("what", to_text(step.what));
  out.member("number", step.number);
  out.member("who", step.who);
  out.member("text", step.text);
  out.member("text_fr", step.text_fr);
  out.end_object();
}

Result<Trial::Side> read_side(const json::Value& object) {
  MemberReader read(object);
  Trial::Side side{.episodes = read.count("episodes"),
                   .wrong = read.count("wrong"),
                   .confirmed = read.count("confirmed"),
                   .sensors = read.count("sensors")};
  if (read.error()) return *read.error();
  return side;
}

Result<Trial> read_trial(const json::Value& object) {
  MemberReader read(object);
  Trial trial;
  trial.from = read.instant("from_us");
  trial.to = read.instant("to_us");
  trial.frames = read.count("frames");
  trial.error_ratio = read.number("error_ratio");
  trial.budget_per_day = read.number("budget_per_day");
  if (read.error()) return *read.error();
  const auto* const active = object.find("active");
  const auto* const shadow = object.find("shadow");
  if (active == nullptr || shadow == nullptr) return not_a_register("a trial without its sides");
  trial.active = TRY(read_side(*active));
  trial.shadow = TRY(read_side(*shadow));
  return trial;
}

Result<Version> read_version(const json::Value& object) {
  MemberReader read(object);
  Version version;
  version.number = static_cast<std::uint32_t>(read.count("number"));
  version.state = read.choice("state", state_names);
  version.trained_at = read.instant("trained_at_us");
  version.from = read.instant("from_us");
  version.to = read.instant("to_us");
  version.rows = read.count("rows");
  version.sensors = read.count("sensors");
  version.left_out = read.count("left_out");
  version.trigger = read.choice("trigger", trigger_names);
  version.why = read.text("why");
  if (read.error()) return *read.error();
  if (const auto* const trial = object.find("trial")) version.trial = TRY(read_trial(*trial));
  return version;
}

Result<Step> read_step(const json::Value& object) {
  MemberReader read(object);
  Step step;
  step.at = read.instant("at_us");
  step.what = read.choice("what", step_names);
  step.number = static_cast<std::uint32_t>(read.count("number"));
  step.who = read.text("who");
  step.text = read.text("text");
  step.text_fr = read.text("text_fr");
  if (read.error()) return *read.error();
  return step;
}

}  // namespace

std::string_view to_text(State state) {
  return name_in(state_names, state);
}

std::string_view to_text(Trigger trigger) {
  return name_in(trigger_names, trigger);
}

std::string_view to_text(Step::What what) {
  return name_in(step_names, what);
}

const Version* Registry::find(std::uint32_t number) const {
  const auto found = std::ranges::find(versions_, number, &Version::number);
  return found == versions_.end() ? nullptr : &*found;
}

Version* Registry::entry(std::uint32_t number) {
  const auto found = std::ranges::find(versions_, number, &Version::number);
  return found == versions_.end() ? nullptr : &*found;
}

const Version* Registry::in(State state) const {
  const auto found = std::ranges::find(versions_, state, &Version::state);
  return found == versions_.end() ? nullptr : &*found;
}

void Registry::add(Version version, std::string who) {
  for (auto& known : versions_) {
    if (version.state != State::retired && known.state == version.state) {
      known.state = State::retired;
    }
  }
  note({.at = version.trained_at,
        .what = Step::What::trained,
        .number = version.number,
        .who = std::move(who),
        .text = version.why});
  versions_.push_back(std::move(version));
  std::ranges::sort(versions_, {}, &Version::number);
}

Result<void> Registry::activate(std::uint32_t number, Timestamp at, std::string who,
                                const Words& why) {
  Version* const version = entry(number);
  if (version == nullptr) return Error{Errc::not_found, fmt::format("no model {}", number)};
  if (version->state == State::active) {
    return Error{Errc::invalid, fmt::format("model {} is the active one already", number)};
  }
  const auto* const before = active();
  const bool is_back = before != nullptr && before->number > number;
  for (auto& known : versions_) {
    if (known.state == State::active) known.state = State::retired;
  }
  version->state = State::active;
  note({.at = at,
        .what = is_back ? Step::What::rolled_back : Step::What::promoted,
        .number = number,
        .who = std::move(who),
        .text = why.en,
        .text_fr = why.fr});
  return {};
}

Result<void> Registry::retire(std::uint32_t number, Timestamp at, std::string who,
                              const Words& why) {
  Version* const version = entry(number);
  if (version == nullptr) return Error{Errc::not_found, fmt::format("no model {}", number)};
  if (version->state == State::active) {
    return Error{Errc::invalid,
                 fmt::format("model {} judges; activate another one in its place", number)};
  }
  if (version->state == State::retired) {
    return Error{Errc::invalid, fmt::format("model {} is retired already", number)};
  }
  version->state = State::retired;
  note({.at = at,
        .what = Step::What::retired,
        .number = number,
        .who = std::move(who),
        .text = why.en,
        .text_fr = why.fr});
  return {};
}

/// The log is of the plant's clock. Who stands beside a plant that is lived faster has an earlier
/// one: a step is never before the one that was noted before it.
void Registry::note(Step step) {
  if (!steps_.empty()) step.at = std::max(step.at, steps_.back().at);
  if (steps_.size() >= most_steps) steps_.erase(steps_.begin());
  steps_.push_back(std::move(step));
}

void Registry::set_trial(std::uint32_t number, const Trial& trial) {
  if (Version* const version = entry(number)) version->trial = trial;
}

void Registry::adopt(const std::vector<Version>& found) {
  const bool had_none = versions_.empty();
  for (const auto& version : found) {
    if (find(version.number) != nullptr) continue;
    versions_.push_back(version);
    versions_.back().state = State::retired;
  }
  std::ranges::sort(versions_, {}, &Version::number);
  // As it was before there was a register: the newest judges.
  if (had_none && !versions_.empty()) versions_.back().state = State::active;
}

std::string Registry::to_json() const {
  json::Writer out;
  out.begin_object();
  out.member("format", register_format);
  out.key("versions");
  out.begin_array();
  for (const auto& version : versions_) write_version(out, version);
  out.end_array();
  out.key("log");
  out.begin_array();
  for (const auto& step : steps_) write_step(out, step);
  out.end_array();
  out.end_object();
  return out.take();
}

Result<Registry> Registry::from_json(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed) return not_a_register(parsed.error().what);
  MemberReader head(*parsed);
  const auto read_format = head.integer("format");
  if (head.error()) return *head.error();
  if (read_format != register_format) {
    return Error{Errc::unsupported, fmt::format("a register of models of format {}; this program "
                                                "reads format {}",
                                                read_format, register_format)};
  }
  const auto list = [&](std::string_view key) {
    const auto* const found = parsed->find(key);
    return found == nullptr ? nullptr : found->list();
  };
  const auto* const versions = list("versions");
  const auto* const log = list("log");
  if (versions == nullptr || log == nullptr) return not_a_register("no 'versions' or no 'log'");
  Registry registry;
  registry.versions_.reserve(versions->size());
  for (const auto& entry : *versions) {
    auto version = TRY(read_version(entry));
    registry.versions_.push_back(std::move(version));
  }
  registry.steps_.reserve(log->size());
  for (const auto& entry : *log) {
    auto step = TRY(read_step(entry));
    registry.steps_.push_back(std::move(step));
  }
  return registry;
}

}  // namespace sosie::models
