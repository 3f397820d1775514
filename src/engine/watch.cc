#include "engine/watch.h"

#include <algorithm>
#include <cmath>
#include <ranges>

#include "base/log.h"
#include "core/adjustable.h"
#include "core/explaining.h"
#include "engine/rehearsal.h"
#include "fusion/calibration.h"
#include "models/about.h"

namespace sosie {
namespace {

constexpr std::string_view profile_part = "profile";
constexpr std::string_view about_part = "about";
constexpr std::string_view rehearsed_part = "rehearsed";
constexpr std::string_view pace_part = "pace";
constexpr int rehearsed_share = 4;             ///< one in so many of learning
constexpr std::uint64_t progress_every = 256;  ///< frames, between two looks of others at it

/// Passes symptoms on to the diagnosis, and counts them.
class CountingSink final : public SymptomSink {
 public:
  CountingSink(SymptomSink& next, Statistics& statistics) : next_(next), statistics_(statistics) {}
  void report(const Symptom& symptom) override {
    ++statistics_.symptoms;
    reported_ = true;
    Symptom weighed = symptom;
    if (weight_ != 1) weighed.score = 1 - std::pow(1 - symptom.score, weight_);
    next_.report(weighed);
  }
  /// What is reported from now on counts as what so many independent witnesses say.
  void weigh(double weight) { weight_ = weight; }
  bool reported() const { return reported_; }

 private:
  SymptomSink& next_;
  Statistics& statistics_;
  double weight_ = 1;
  bool reported_ = false;
};

/// Passes them on as the rate lets it.
class GatedSink final : public SymptomSink {
 public:
  GatedSink(PaceGate& gate, const Pace& pace, const Frame& frame, SymptomSink& next)
      : gate_(gate), pace_(pace), frame_(frame), next_(next) {}
  void report(const Symptom& symptom) override { gate_.report(pace_, frame_, symptom, next_); }

 private:
  PaceGate& gate_;
  const Pace& pace_;
  const Frame& frame_;
  SymptomSink& next_;
};

}  // namespace

Watch::Watch(Config config, Zone zone, std::vector<NamedDetector> detectors,
             const Diagnosis::Config& diagnosis, Statistics& statistics)
    : config_(std::move(config)),
      zone_(std::move(zone)),
      statistics_(statistics),
      detectors_(std::move(detectors)),
      diagnosis_(std::make_unique<Diagnosis>(diagnosis)),
      draft_(std::make_shared<NormalProfile>(zone_)),
      floor_(diagnosis.least_chance) {
  for (const auto& [name, detector, weight] : detectors_) {
    if (auto* const whole = dynamic_cast<Explaining*>(detector.get())) diagnosis_->ask(whole);
  }
  shown_.with([&](Shown& shown) {
    shown.card.seed = config_.seed;
    for (const auto& [name, detector, weight] : detectors_) shown.card.detectors.push_back(name);
  });
}

Watch::~Watch() = default;

bool Watch::load_model(const AssetColumns& columns) {
  if (config_.model_folder.empty()) return false;
  const ModelFolder folder(config_.model_folder);
  const auto registry = folder.registry();
  std::vector<std::uint32_t> wanted;
  if (const auto* const active = registry.active()) wanted.push_back(active->number);
  for (const auto& version : std::views::reverse(registry.versions())) {
    if (version.state != models::State::active) wanted.push_back(version.number);
  }
  std::string trouble;
  for (const auto number : wanted) {
    const auto model = folder.load(number);
    const auto loaded = model ? load(*model, columns) : Result<void>(model.error());
    if (loaded) {
      tell_if_unkept();
      if (trouble.empty()) return true;
      log::error("models", "{}; model {} judges in its place", trouble, number);
      shown_.with([&](Shown& shown) { shown.card.note = trouble; });
      return true;
    }
    if (trouble.empty()) trouble = fmt::format("model {}: {}", number, loaded.error().what);
  }
  if (trouble.empty()) return false;
  log::error("models", "{}; no other model is of use here: learning anew", trouble);
  shown_.with([&](Shown& shown) { shown.card.note = trouble; });
  return false;
}

Result<void> Watch::load_parts(const ModelFile& model) {
  for (const auto& [name, bytes] : model.parts) {
    if (name == profile_part || name == about_part || name == rehearsed_part || name == pace_part) {
      continue;
    }
    if (std::ranges::find(detectors_, name, &NamedDetector::name) == detectors_.end()) {
      return Error{Errc::unsupported,
                   fmt::format("it has a part '{}', and the scenario no such detector", name)};
    }
  }
  for (auto& [name, detector, weight] : detectors_) {
    const auto part = model.parts.find(name);
    if (part == model.parts.end()) {
      return Error{Errc::unsupported,
                   fmt::format("it has no part for the scenario's detector '{}'", name)};
    }
    if (part->second.empty()) continue;
    if (auto loaded = detector->load(part->second); !loaded) {
      return std::move(loaded).error().in(name);
    }
  }
  const auto pace = model.parts.find(std::string(pace_part));
  if (pace != model.parts.end()) {
    TRY(pace_.load(pace->second));
  }
  const auto bands = model.parts.find(std::string(profile_part));
  if (bands == model.parts.end()) return Error{Errc::unsupported, "it has no profile"};
  NormalProfile profile(zone_);
  profile.begin(columns_);
  TRY(profile.load(bands->second));
  bands_ = bands->second;
  return {};
}

Result<void> Watch::load(const ModelFile& model, const AssetColumns& columns) {
  std::string unknown;
  known_.clear();  // of a model that could not be loaded
  pace_ = {};
  bands_.clear();
  if (const auto part = model.parts.find(std::string(about_part)); part != model.parts.end()) {
    const auto about = TRY(models::about_from_json(part->second));
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const auto* info : columns.info) names.push_back(info->name());
    auto fit = models::fit_of(about, columns.period, names);
    if (!fit.is_fit) return Error{Errc::unsupported, std::move(fit.what)};
    unknown = std::move(fit.what);
    known_ = about.series;
  }
  begin(columns);
  TRY(load_parts(model));
  rehearsal_.reset();
  Rehearsed rehearsed;
  if (const auto part = model.parts.find(std::string(rehearsed_part)); part != model.parts.end()) {
    rehearsed = TRY(rehearsed_from_json(part->second));
  }
  keep_to_budget(rehearsed);
  trained_ = true;
  strangers_ = unknown;
  if (!unknown.empty()) log::warning("models", "model {}: {}", model.version, unknown);
  show_bands();
  shown_.with([&](Shown& shown) {
    shown.card.trained = true;
    shown.card.progress = 1;
    shown.card.version = model.version;
    shown.card.trained_at = model.trained_at;
    shown.card.from = model.from;
    shown.card.to = model.to;
    shown.card.frames = model.frames;
    shown.card.seed = model.seed;
    shown.card.note = std::move(unknown);
    shown.card.false_alarms = false_alarms_;
  });
  return {};
}

void Watch::copy_limits(const Watch& other) {
  moved_ = other.moved_;
  move_limits();
  show_limits();
}

void Watch::take_over(Watch& other) {
  detectors_.swap(other.detectors_);
  diagnosis_.swap(other.diagnosis_);
  std::swap(pace_, other.pace_);
  std::swap(gate_, other.gate_);
  bands_.swap(other.bands_);
  known_.swap(other.known_);
  strangers_.swap(other.strangers_);
  rehearsal_.reset();
  trained_ = true;
  move_limits();
  auto taken = other.shown_.with([](Shown& shown) { return shown; });
  shown_.with([&](Shown& shown) {
    shown.profile = std::move(taken.profile);
    shown.card = std::move(taken.card);
  });
  show_limits();
}

void Watch::begin(const AssetColumns& columns) {
  columns_ = columns;
  for (auto& [name, detector, weight] : detectors_) detector->begin(columns_);
  draft_->begin(columns_);
  diagnosis_->begin(columns_);
  pace_.begin(columns_);
  gate_.begin(columns_.size());
  if (trained_) notice_strangers();
  if (!bands_.empty()) show_bands();
  if (rehearsal_) rehearsal_->begin(columns_);
  for (const auto& [name, detector, weight] : detectors_) {
    for (const Limit& limit : detector->limits()) {
      const SeriesId series = columns_.series[limit.column];
      scenario_.try_emplace({series, std::string(limit.name)}, limit.value);
    }
  }
  move_limits();
  show_limits();
}

/// What is ordinary for the sensors that are there by now, of those that the model knows.
void Watch::show_bands() {
  auto profile = std::make_shared<NormalProfile>(zone_);
  profile->begin(columns_);
  if (!profile->load(bands_)) return;  // as when it was loaded first
  const auto is_here = [&](const std::string& name) {
    return std::ranges::any_of(columns_.info, [&](auto* info) { return info->name() == name; });
  };
  if (std::ranges::all_of(known_, is_here)) bands_.clear();
  shown_.with([&](Shown& shown) { shown.profile = std::move(profile); });
}

/// Sensors that have joined since it was learned: what needs learning says nothing of them.
void Watch::notice_strangers() {
  if (known_.empty()) return;
  std::vector<std::string> names;
  names.reserve(columns_.size());
  for (const auto* info : columns_.info) names.push_back(info->name());
  const models::About about{.asset = columns_.asset, .period = columns_.period, .series = known_};
  auto what = models::strangers_of(about, names);
  if (what.empty() || what == strangers_) return;
  strangers_ = std::move(what);
  if (!config_.model_folder.empty()) log::warning("watch", "the model in use: {}", strangers_);
  show_note();
}

/// What is wrong with the model in use, for what it watches now.
void Watch::show_note() {
  auto note = strangers_;
  if (const auto rate = pace_.what(); !rate.empty()) note += (note.empty() ? "" : "; ") + rate;
  shown_.with([&](Shown& shown) { shown.card.note = std::move(note); });
}

void Watch::tell_pace() {
  if (!config_.model_folder.empty()) {
    if (pace_.is_other()) {
      log::warning("watch", "the model in use: {}", pace_.what());
    } else {
      log::info("watch", "sensors send at the rate again that the model was learned from");
    }
  }
  show_note();
}

void Watch::set_limit(const LimitOrder& order) {
  moved_.insert_or_assign({order.series, order.name}, order.value);
  move_limits();
  show_limits();
}

void Watch::move_limits() {
  for (const auto& [key, value] : moved_) {
    const auto at = std::ranges::find(columns_.series, key.first);
    if (at == columns_.series.end()) continue;
    const auto column = static_cast<std::uint32_t>(at - columns_.series.begin());
    for (auto& [name, detector, weight] : detectors_) {
      if (auto* adjustable = dynamic_cast<Adjustable*>(detector.get())) {
        adjustable->set_limit(column, key.second, value);
      }
    }
  }
}

void Watch::show_limits() {
  std::vector<SeriesLimit> limits;
  for (const auto& [name, detector, weight] : detectors_) {
    for (const Limit& limit : detector->limits()) {
      SeriesLimit shown{columns_.series[limit.column], limit.name, limit.value, limit.priority, {}};
      const auto own = scenario_.find({shown.series, std::string(shown.name)});
      if (own != scenario_.end() && own->second != shown.value) shown.scenario = own->second;
      limits.push_back(shown);
    }
  }
  shown_.with([&](Shown& shown) { shown.limits = std::move(limits); });
}

std::optional<Timestamp> Watch::learns_until() const {
  if (!first_) return std::nullopt;
  return *first_ + config_.learn;
}

void Watch::take(const Frame& frame, const Clock& clock, std::vector<FindingEvent>& out) {
  ++statistics_.frames;
  if (!trained_) {
    // A gap longer than the period is nothing to learn from: one reading of long ago, and all that
    // was asked for would be over.
    if (!first_ || (learned_ > 0 && frame.at - last_ > config_.learn)) {
      first_ = frame.at;
      rehearsal_.reset();
    }
    if (frame.at < *first_ + config_.learn) {
      learn(frame, clock);
      return;
    }
    models::Version first;
    first.state = models::State::active;
    first.trigger = models::Trigger::first;
    if (const auto kept = finish_learning(clock, std::move(first), {}); !kept) {
      log::error("watch", "the model is in use but could not be kept: {}", kept.error().what);
    }
  }
  look(frame, out);
}

/// What was learned so far judges a frame that is not learned yet.
void Watch::rehearse(const Frame& frame, const Clock& clock) {
  if (!rehearsal_) {
    auto begun = config_.rehearse(gather(clock), columns_);
    if (!begun) {
      log::error("watch", "the budget of false alarms cannot be kept: {}", begun.error().what);
      rehearse_from_ = Timestamp::max();
      return;
    }
    rehearsal_ = std::move(begun).value();
  }
  rehearsal_->take(frame, clock);
}

/// The bar of what is told, by what a rehearsal showed.
void Watch::keep_to_budget(const Rehearsed& rehearsed) {
  diagnosis_->set_least_chance(floor_);
  false_alarms_.reset();
  if (!(config_.allowed_per_day > 0) || !(rehearsed.days > 0)) return;
  const auto allowance = rehearsed.allow(config_.allowed_per_day, floor_);
  diagnosis_->set_least_chance(allowance.least_chance);
  const auto rate = fusion::rate_of(allowance.episodes, rehearsed.days);
  false_alarms_ = {.allowed_per_day = config_.allowed_per_day,
                   .least_chance = allowance.least_chance,
                   .found = rehearsed.chances.size(),
                   .told = allowance.told,
                   .episodes = allowance.episodes,
                   .days = rehearsed.days,
                   .per_day = rate.per_day,
                   .low = rate.low,
                   .high = rate.high};
  log::info(
      "watch",
      "{:g} false alarms a day are allowed: in {:.2f} days of rehearsal {} of {} findings are "
      "told, those of a chance of {:.2f} or more; by what they show {} of them would be false",
      config_.allowed_per_day, rehearsed.days, allowance.told, rehearsed.chances.size(),
      allowance.least_chance, allowance.episodes);
}

void Watch::tell_if_unkept() const {
  if (!(config_.allowed_per_day > 0) || false_alarms_) return;
  log::warning("watch",
               "the budget of false alarms is not kept: the model was not rehearsed, which takes "
               "learning with a budget, for more than eight hours");
}

void Watch::learn(const Frame& frame, const Clock& clock) {
  const auto last_part = *first_ + config_.learn - config_.learn / rehearsed_share;
  if (config_.rehearse && frame.at >= rehearse_from_.value_or(last_part)) rehearse(frame, clock);
  for (auto& [name, detector, weight] : detectors_) detector->learn(frame);
  draft_->learn(frame);
  pace_.learn(frame);
  last_ = frame.at;
  ++learned_;
  if (learned_ % progress_every != 0) return;
  shown_.with([&](Shown& shown) {
    shown.card.progress = std::chrono::duration<double>(frame.at - *first_) /
                          std::chrono::duration<double>(config_.learn);
  });
}

/// What the detectors have learned so far.
ModelFile Watch::gather(const Clock& clock) {
  unlearned_.clear();
  ModelFile model;
  model.trained_at = clock.now();
  model.from = first_.value_or(Timestamp());
  model.to = last_;
  model.frames = learned_;
  model.seed = config_.seed;
  for (auto& [name, detector, weight] : detectors_) {
    const auto settled = detector->settle();
    auto part = detector->save();
    // What people set is there without learning.
    const bool needs_none = settled && dynamic_cast<const Adjustable*>(detector.get()) != nullptr;
    if (part.empty() && !needs_none) {
      unlearned_.push_back({name, settled ? "" : settled.error().what});
    }
    model.parts[name] = std::move(part);
  }
  draft_->settle();
  pace_.settle();
  model.parts[std::string(pace_part)] = pace_.save();
  model.parts[std::string(profile_part)] = draft_->save();
  models::About about{.asset = columns_.asset, .period = columns_.period, .series = {}};
  about.series.reserve(columns_.size());
  for (const auto* info : columns_.info) about.series.push_back(info->name());
  model.parts[std::string(about_part)] = models::to_json(about);
  known_ = std::move(about.series);
  strangers_.clear();
  return model;
}

ModelFile Watch::settle(const Clock& clock) {
  auto model = gather(clock);
  for (const auto& [name, why] : unlearned_) {
    if (!why.empty() && config_.logs_unlearned) log::error("watch", "{}: {}", name, why);
  }
  const auto rehearsed = rehearsal_ ? rehearsal_->end() : Rehearsed();
  rehearsal_.reset();
  if (rehearsed.days > 0) model.parts[std::string(rehearsed_part)] = to_json(rehearsed);
  keep_to_budget(rehearsed);
  return model;
}

Result<void> Watch::finish_learning(const Clock& clock, models::Version about,
                                    const std::string& who) {
  if (!first_) return Error{Errc::invalid, "nothing was learned from"};
  auto model = settle(clock);
  tell_if_unkept();
  about.sensors = columns_.size();
  Result<void> kept;
  if (!config_.model_folder.empty()) {
    kept = ModelFolder(config_.model_folder).add(model, std::move(about), who);
  }
  trained_ = true;
  shown_.with([&](Shown& shown) {
    shown.profile = draft_;
    shown.card.trained = true;
    shown.card.progress = 1;
    shown.card.version = model.version;
    shown.card.trained_at = model.trained_at;
    shown.card.from = model.from;
    shown.card.to = model.to;
    shown.card.frames = model.frames;
    shown.card.note.clear();
    shown.card.unlearned = unlearned_;
    shown.card.false_alarms = false_alarms_;
  });
  log::debug("watch", "learned from {} frames, {} to {}", learned_, to_iso8601(model.from),
             to_iso8601(model.to));
  return kept;
}

void Watch::look(const Frame& frame, std::vector<FindingEvent>& out) {
  const auto began = stopwatch();
  GatedSink gated(gate_, pace_, frame, *diagnosis_);
  CountingSink sink(gated, statistics_);
  if (pace_.look(frame)) {
    gate_.end_explained(pace_, frame, *diagnosis_);
    tell_pace();
  }
  for (auto& [name, detector, weight] : detectors_) {
    sink.weigh(weight);
    detector->look(frame, sink);
    gate_.settle(pace_, frame, *diagnosis_);
  }
  const std::size_t before = out.size();
  diagnosis_->end_frame(frame, out);
  const std::chrono::duration<double> took = stopwatch() - began;
  ++statistics_.predictions;
  statistics_.prediction.add(took.count());
  if (sink.reported() || out.size() != before) statistics_.explained.add(took.count());
}

std::shared_ptr<const NormalProfile> Watch::profile() const {
  return shown_.with([](Shown& shown) { return shown.profile; });
}

ModelCard Watch::card() const {
  return shown_.with([](Shown& shown) { return shown.card; });
}

std::vector<SeriesLimit> Watch::limits() const {
  return shown_.with([](Shown& shown) { return shown.limits; });
}

}  // namespace sosie
