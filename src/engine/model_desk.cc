#include "engine/model_desk.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time_text.h"

namespace sosie {
namespace {

constexpr auto desk_tick = std::chrono::milliseconds(500);
constexpr auto level_look_every = std::chrono::minutes(10);
constexpr auto too_old = std::chrono::hours(1);              ///< a value says nothing of now
constexpr auto pause_after_failure = std::chrono::hours(6);  ///< until it tries again by itself
constexpr std::size_t most_moved_named = 5;
constexpr int learning_nice = 10;

double days_of(Duration span) {
  return std::chrono::duration<double>(span).count() / 86'400;
}

Error nobody_says_it() {
  return Error{Errc::invalid, "'who' is missing: the name of a person"};
}

std::string named(const std::vector<std::string>& names) {
  const auto count = std::min(most_moved_named, names.size());
  return fmt::format(
      "{}{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count), ", "),
      count < names.size() ? " …" : "");
}

}  // namespace

ModelDesk::ModelDesk(Config config, Training training, Context context)
    : config_(std::move(config)),
      training_(std::move(training)),
      context_(std::move(context)),
      folder_(config_.folder),
      levels_({.memory = config_.retraining.drift_memory}) {}

void ModelDesk::start() {
  if (!config_.has_detectors) return;
  {
    const std::scoped_lock lock(acting_);
    stamp_ = folder_.stamp();
    const auto registry = folder_.registry();
    state_.with([&](State& state) { state.registry = registry; });
    if (const auto* const shadow = registry.shadow()) {
      if (const auto begun = begin_trial(shadow->number); !begun) {
        log::error("models", "{}", begun.error().what);
      }
    }
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void ModelDesk::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void ModelDesk::run(const std::stop_token& stop) {
  // Linux: of this thread alone. Learning may take its time, judging may not.
  setpriority(PRIO_PROCESS, 0, learning_nice);
  while (!stop.stop_requested()) {
    step(stop);
    std::unique_lock lock(waking_mutex_);
    waking_.wait_for(lock, stop, desk_tick, [this] { return is_woken_; });
    is_woken_ = false;
  }
}

Timestamp ModelDesk::newest() const {
  return Timestamp(Duration(context_.statistics.newest_us.load(std::memory_order_relaxed)));
}

void ModelDesk::step(const std::stop_token& stop) {
  {
    const std::scoped_lock lock(acting_);
    follow_register();
    judge_shadow();
  }
  look_at_levels();
  auto wish = state_.with([](State& state) { return std::exchange(state.wish, std::nullopt); });
  if (!wish) wish = due();
  if (wish) train_now(*wish, stop);
}

models::Registry ModelDesk::registry() const {
  auto [registry, shadow] =
      state_.with([](const State& state) { return std::pair(state.registry, state.shadow); });
  if (shadow) registry.set_trial(shadow->number(), shadow->trial(context_.cases.answers()));
  return registry;
}

ModelStatus ModelDesk::status() const {
  ModelStatus status;
  status.can_learn = config_.has_detectors && context_.card().trained;
  status.trial = config_.retraining.trial;
  state_.with([&](const State& state) {
    status.is_training = state.is_training || state.wish.has_value();
    status.trouble = state.trouble;
    status.moved = state.moved;
    const auto& versions = state.registry.versions();
    if (config_.is_recorded || config_.retraining.every == Duration{} || versions.empty()) return;
    status.next_training = std::ranges::max(versions, {}, &models::Version::trained_at).trained_at +
                           config_.retraining.every;
  });
  return status;
}

Result<void> ModelDesk::change(const ModelFolder::Act& act) {
  TRY(folder_.change(act));
  stamp_ = folder_.stamp();
  auto registry = folder_.registry();
  state_.with([&](State& state) { state.registry = std::move(registry); });
  return {};
}

/// Another program has changed what judges, or has brought a shadow.
void ModelDesk::follow_register() {
  if (!context_.card().trained) return;  // the first learning enters itself
  const auto stamp = folder_.stamp();
  if (stamp == stamp_) return;
  stamp_ = stamp;
  const auto registry = folder_.registry();
  state_.with([&](State& state) { state.registry = registry; });
  const auto* const active = registry.active();
  if (active != nullptr && active->number != context_.card().version) {
    const auto used = put_in_use(active->number);
    if (!used) log::error("models", "{}", used.error().what);
    state_.with([&](State& state) { state.trouble = used ? "" : used.error().what; });
  }
  const auto tried =
      state_.with([](const State& state) { return state.shadow ? state.shadow->number() : 0; });
  const auto* const shadow = registry.shadow();
  if (shadow == nullptr && tried != 0) {
    state_.with([](State& state) { state.shadow.reset(); });
    context_.order({.what = ModelOrder::What::end_trial, .shadow = nullptr});
  } else if (shadow != nullptr && shadow->number != tried) {
    const auto begun = begin_trial(shadow->number);
    if (!begun) log::error("models", "{}", begun.error().what);
    state_.with([&](State& state) { state.trouble = begun ? "" : begun.error().what; });
  }
}

Result<std::shared_ptr<Shadow>> ModelDesk::load_shadow(std::uint32_t number) {
  const auto model = folder_.load(number);
  if (!model) {
    const bool is_there = model.error().code != Errc::not_found;
    return Error{is_there ? Errc::invalid : Errc::not_found, model.error().what};
  }
  const Timestamp until = newest();
  StoredTape past(context_.store, context_.series, config_.asset, config_.frame_period,
                  until - config_.warm_up, until + Duration(1));
  auto loose = TRY(make_watch(training_, {}));
  if (const auto loaded = loose.watch->load(*model, past.columns()); !loaded) {
    return Error{Errc::invalid, fmt::format("model {}: {}", number, loaded.error().what)};
  }
  auto shadow = std::make_shared<Shadow>(std::move(loose), number, training_.false_alarms_per_day);
  TRY(past.play([&](const Frame& frame) {
    shadow->warm_up(frame, context_.clock);
    return true;
  }));
  return shadow;
}

Result<void> ModelDesk::begin_trial(std::uint32_t number) {
  auto shadow = TRY(load_shadow(number));
  state_.with([&](State& state) { state.shadow = shadow; });
  if (!context_.order({.what = ModelOrder::What::start_trial, .shadow = std::move(shadow)})) {
    return Error{Errc::unavailable, fmt::format("model {}: its trial could not begin", number)};
  }
  log::info("models", "model {} is on trial", number);
  return {};
}

/// What the register says already.
Result<void> ModelDesk::put_in_use(std::uint32_t number) {
  auto shadow = state_.with([](State& state) { return state.shadow; });
  if (!shadow || shadow->number() != number) shadow = TRY(load_shadow(number));
  state_.with([](State& state) {
    state.shadow.reset();
    state.moved.clear();
  });
  if (!context_.order({.what = ModelOrder::What::take_over, .shadow = std::move(shadow)})) {
    return Error{Errc::unavailable,
                 fmt::format("model {} is in the register, and in use from the next start on; it "
                             "could not be put in use at once",
                             number)};
  }
  log::info("models", "model {} judges from now on", number);
  return {};
}

Result<void> ModelDesk::activate(std::uint32_t number, const std::string& who,
                                 const std::string& comment) {
  if (trim(who).empty()) return nobody_says_it();
  const std::scoped_lock lock(acting_);
  const auto tried = state_.with([](const State& state) { return state.shadow; });
  if (!tried || tried->number() != number) {
    const auto fits = load_shadow(number);  // before anything is changed
    if (!fits) return fits.error();
  }
  const auto at = context_.clock.now();
  const ModelFolder::Act act = [&](models::Registry& registry) -> Result<void> {
    if (tried) registry.set_trial(tried->number(), tried->trial(context_.cases.answers()));
    auto activated = registry.activate(number, at, who, {comment, {}});
    const auto* const shadow = registry.shadow();
    if (!activated || shadow == nullptr) return activated;
    return registry.retire(
        shadow->number, at, who,
        {"another model was put in use", "un autre modèle a été mis en service"});
  };
  TRY(change(act));
  return put_in_use(number);
}

Result<void> ModelDesk::retire(std::uint32_t number, const std::string& who,
                               const std::string& comment) {
  if (trim(who).empty()) return nobody_says_it();
  const std::scoped_lock lock(acting_);
  const auto tried = state_.with([](const State& state) { return state.shadow; });
  TRY(change([&](models::Registry& registry) {
    if (tried) registry.set_trial(tried->number(), tried->trial(context_.cases.answers()));
    return registry.retire(number, context_.clock.now(), who, {comment, {}});
  }));
  state_.with([](State& state) { state.shadow.reset(); });
  context_.order({.what = ModelOrder::What::end_trial, .shadow = nullptr});
  return {};
}

/// REQUIRES: `acting_`.
void ModelDesk::judge_shadow() {
  const auto shadow = state_.with([](const State& state) { return state.shadow; });
  if (!shadow) return;
  const auto trial = shadow->trial(context_.cases.answers());
  const auto judgement = models::judge(trial, {.period = config_.retraining.trial});
  if (judgement.what == models::Judgement::What::wait) return;
  const bool is_better = judgement.what == models::Judgement::What::promote;
  const auto why = models::joined(judgement.reasons);
  const auto number = shadow->number();
  const auto changed = change([&](models::Registry& registry) {
    registry.set_trial(number, trial);
    return is_better ? registry.activate(number, context_.clock.now(), {}, why)
                     : registry.retire(number, context_.clock.now(), {}, why);
  });
  if (!changed) {
    log::error("models", "model {}: {}", number, changed.error().what);
    return;
  }
  log::info("models", "model {} is {}: {}", number, is_better ? "promoted" : "retired", why.en);
  if (is_better) {
    if (const auto used = put_in_use(number); !used) log::error("models", "{}", used.error().what);
    return;
  }
  state_.with([](State& state) { state.shadow.reset(); });
  context_.order({.what = ModelOrder::What::end_trial, .shadow = nullptr});
}

Result<void> ModelDesk::train(const std::string& who, const std::string& comment) {
  if (trim(who).empty()) return nobody_says_it();
  if (!config_.has_detectors) {
    return Error{Errc::invalid, "the scenario has no detectors: there is nothing that learns"};
  }
  if (!context_.card().trained) {
    return Error{Errc::invalid, "the first model is being learned: wait until it is there"};
  }
  const bool is_new = state_.with([&](State& state) {
    if (state.is_training || state.wish) return false;
    state.wish = Wish{.trigger = models::Trigger::people, .who = who, .why = comment};
    return true;
  });
  if (!is_new) return Error{Errc::invalid, "a model is being learned already"};
  const std::scoped_lock lock(waking_mutex_);
  is_woken_ = true;
  waking_.notify_all();
  return {};
}

void ModelDesk::train_now(const Wish& wish, const std::stop_token& stop) {
  state_.with([](State& state) {
    state.is_training = true;
    state.trouble.clear();
  });
  log::info("models", "a new model is being learned ({}{}{})", models::to_text(wish.trigger),
            wish.why.empty() ? "" : ": ", wish.why);
  const auto learned = learn_shadow(wish, stop);
  state_.with([&](State& state) {
    state.is_training = false;
    if (learned) return;
    state.trouble = learned.error().what;
    state.not_before = newest() + pause_after_failure;
  });
  if (learned || stop.stop_requested()) return;
  log::error("models", "{}", learned.error().what);
  const std::scoped_lock lock(acting_);
  const auto noted = change([&](models::Registry& registry) -> Result<void> {
    registry.note({.at = context_.clock.now(),
                   .what = models::Step::What::failed,
                   .number = 0,
                   .who = wish.who,
                   .text = learned.error().what});
    return {};
  });
  if (!noted) log::error("models", "{}", noted.error().what);
}

Result<void> ModelDesk::learn_shadow(const Wish& wish, const std::stop_token& stop) {
  const Timestamp to = newest() + Duration(1);
  const Timestamp from = to - config_.learn;
  StoredTape tape(context_.store, context_.series, config_.asset, config_.frame_period, from, to);
  const auto answers = context_.cases.answers();
  const auto blanks = TRY(blanks_of(context_.store, answers, from, to));
  const auto loose = TRY(learn(training_, tape, blanks, {}, stop));
  auto model = loose.watch->settle(context_.clock);
  if ((model.to - model.from) * 2 < config_.learn) {
    return Error{Errc::not_found,
                 fmt::format("data of {:.2g} days are stored; a new model needs half of the {:.2g} "
                             "of [learn] period",
                             days_of(model.to - model.from), days_of(config_.learn))};
  }
  models::Version about;
  about.state = models::State::shadow;
  about.trigger = wish.trigger;
  about.why = wish.why;
  about.sensors = tape.columns().size();
  about.left_out = blanks.size();
  const std::scoped_lock lock(acting_);
  TRY(folder_.add(model, std::move(about), wish.who));
  TRY(change([](models::Registry&) { return Result<void>(); }));
  levels_.reset();
  return begin_trial(model.version);
}

std::optional<ModelDesk::Wish> ModelDesk::due() const {
  if (config_.is_recorded || !context_.card().trained) return std::nullopt;
  const Timestamp now = newest();
  return state_.with([&](const State& state) -> std::optional<Wish> {
    const auto& versions = state.registry.versions();
    if (state.shadow || versions.empty()) return std::nullopt;
    if (state.not_before && now < *state.not_before) return std::nullopt;
    const auto every = config_.retraining.every;
    const auto last = std::ranges::max(versions, {}, &models::Version::trained_at).trained_at;
    if (every > Duration{} && now >= last + every) {
      return Wish{.trigger = models::Trigger::schedule, .who = {}, .why = {}};
    }
    if (!config_.retraining.on_drift || state.moved.empty()) return std::nullopt;
    return Wish{.trigger = models::Trigger::drift, .who = {}, .why = named(state.moved)};
  });
}

void ModelDesk::look_at_levels() {
  const Timestamp now = newest();
  if (looked_ && now - *looked_ < level_look_every) return;
  const auto profile = context_.profile();
  if (!profile) return;
  looked_ = now;
  watched_ = context_.series.of_asset(config_.asset);
  std::vector<SeriesId> alarmed;
  for (const auto& alarm : context_.alarms()) {
    if (alarm.is_active() && alarm.series) alarmed.push_back(*alarm.series);
  }
  const auto local = now + training_.zone.offset(now);
  const auto hour =
      static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::hours>(
                                   local - std::chrono::floor<std::chrono::days>(local))
                                   .count());
  std::vector<models::Place> places(watched_.size(), models::Place::unknown);
  for (std::uint32_t i = 0; i < watched_.size(); ++i) {
    const auto reading = context_.latest.read(watched_[i]);
    const auto band = profile->band(i, hour);
    if (!reading || !band || now - reading->at > too_old) continue;
    if (std::ranges::find(alarmed, watched_[i]) != alarmed.end()) continue;
    const bool is_inside = reading->value >= band->low && reading->value <= band->high;
    places[i] = is_inside ? models::Place::inside : models::Place::outside;
  }
  levels_.take(now, places);
  std::vector<std::string> names;
  for (const auto column : levels_.moved()) {
    names.push_back(context_.series[watched_[column]].name());
  }
  state_.with([&](State& state) { state.moved = std::move(names); });
}

}  // namespace sosie
