#include "engine/engine.h"

#include <algorithm>
#include <iterator>

#include "base/log.h"
#include "core/follower.h"
#include "engine/committer.h"
#include "engine/door.h"
#include "engine/episode_teller.h"
#include "engine/lane.h"
#include "engine/limit_book.h"
#include "engine/model_desk.h"
#include "engine/news.h"
#include "engine/notifier_runner.h"
#include "engine/plan.h"
#include "engine/sink_runner.h"
#include "engine/source_runner.h"
#include "store/own_folder.h"

namespace sosie {
namespace {

constexpr auto patience = std::chrono::seconds(10);
constexpr auto for_ever = Duration::max() / 4;  // can be added to any time

/// A clock that fits the data: the computer's, or one that a simulation or a recording moves.
std::unique_ptr<Clock> clock_for(const Plan& plan, std::optional<Timestamp> newest) {
  const Timestamp now = SystemClock().now();
  if (plan.simulator() != nullptr) {
    return std::make_unique<ScaledClock>(std::max(now, newest.value_or(now)), 1);
  }
  if (plan.info.recorded) return std::make_unique<ScaledClock>(newest.value_or(Timestamp{}), 0);
  return std::make_unique<SystemClock>();
}

class RunningEngine final : public Engine {
 public:
  RunningEngine(Plan plan, std::unique_ptr<SeriesTable> series, std::unique_ptr<Store> store,
                std::optional<Timestamp> newest, const std::string& folder,
                const Engine::Options& options);
  ~RunningEngine() override { stop(); }

  Result<void> restore();

  void listener_moved(int from_port, int to_port) override;
  Result<void> start() override;
  void stop() override;
  void wait_until_done(const std::stop_token& stop) override;

  const ScenarioInfo& scenario() const override { return info_; }
  const Zone& zone() const override { return zone_; }
  SeriesTable& series() override { return *series_; }
  std::vector<Stage> stages() const override;
  const Latest& latest() const override { return latest_; }
  Store& store() override { return *store_; }
  Clock& clock() override { return *clock_; }
  Intake& intake() override { return door_; }
  DocumentRoad& documents() override { return road_; }
  CaseDesk& cases() override { return cases_; }
  ModelDesk& models() override { return models_; }
  void listen(CommitListener& listener) override { journal_.listen(listener); }
  void unlisten(CommitListener& listener) override { journal_.unlisten(listener); }
  Simulator* simulator() override { return simulator_; }
  const std::optional<ComplianceConfig>& compliance() const override { return compliance_; }
  const places::ZoneSets& zones() const override { return zones_; }

  using Engine::live_alarms;
  std::vector<Alarm> live_alarms(std::size_t limit) const override;
  AlarmCounts alarm_counts() const override;
  std::optional<Alarm> newest_alarm() const override;
  std::size_t open_findings() const override { return lane_.open_findings(); }
  Result<Alarm> acknowledge(std::uint64_t alarm, const std::string& who,
                            const std::string& comment) override;
  Result<Alarm> shelve(std::uint64_t alarm, const std::string& who, const std::string& comment,
                       Duration lasts) override;
  Result<Alarm> unshelve(std::uint64_t alarm, const std::string& who) override;

  std::shared_ptr<const NormalProfile> profile() const override { return lane_.watch().profile(); }
  std::vector<SeriesLimit> limits() const override { return lane_.watch().limits(); }
  Result<SeriesLimit> set_limit(SeriesId series, const std::string& name,
                                std::optional<double> value, const std::string& who,
                                const std::string& comment) override;
  std::vector<LimitChange> limit_log() const override {
    return limit_book_.with([](LimitBook& book) { return book.log(); });
  }
  std::vector<RuleInForce> rules() const override {
    return rule_limits_.with([](RuleLimitBook& book) { return book.rules(); });
  }
  Result<RuleInForce> move_rule(const RuleMove& move) override;
  std::vector<RuleChange> rule_log() const override {
    return rule_limits_.with([](RuleLimitBook& book) { return book.log(); });
  }
  ModelCard model() const override { return lane_.watch().card(); }
  const Statistics& statistics() const override { return statistics_; }
  std::vector<SourceStatus> sources() const override;
  std::vector<NotifierStatus> notifiers() const override;
  std::vector<SinkStatus> sinks() const override;
  std::vector<OperatorStatus> operators() const override { return operators_.status(); }
  std::vector<QueueStatus> queues() const override;
  Versions versions() const override;
  std::string health() const override;

 private:
  template <class Act>
  Result<Alarm> act_on_alarm(const Act& act);
  Duration restore_model();
  Result<void> restore_limits();
  Result<void> restore_rule_limits();
  Timestamp next_instant() const;
  void keep_limits();
  void add(NamedSource named);
  void add(NamedSink named);
  bool may_tell() const;  ///< of devices that come and go: whether they are certainly ours
  ModelDesk::Context model_context();
  bool obey(ModelOrder order);
  std::unique_ptr<Watch> make_watch(Plan& plan, const std::string& folder, std::uint64_t next_id);

  const ScenarioInfo info_;
  const Zone zone_;
  const Duration warm_up_;
  const Duration rules_memory_;
  const Duration learn_;
  const Duration frame_period_;
  const std::optional<ComplianceConfig> compliance_;
  const places::ZoneSets zones_;
  const std::optional<Timestamp> newest_;  ///< reading of an earlier life

  std::unique_ptr<SeriesTable> series_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Clock> clock_;
  Latest latest_;
  Statistics statistics_;
  DurableMark durable_;
  BoundedQueue<Parcel> to_lane_;
  BoundedQueue<Parcel> to_journal_;
  std::stop_source stopping_;
  const Descriptions descriptions_;
  DoorContext doors_;
  Door door_;  ///< of those who push: HTTP
  DocumentRoad road_;
  CaseDesk cases_;
  mutable Guarded<AlarmDesk> desk_;
  mutable Guarded<LimitBook> limit_book_;
  mutable Guarded<RuleLimitBook> rule_limits_;
  Simulator* simulator_;
  Watch* watch_;  ///< the lane's, for starting
  OperatorDesk operators_;
  Lane lane_;
  Committer journal_;
  ModelDesk models_;
  std::vector<std::unique_ptr<SourceRunner>> sources_;
  std::vector<std::unique_ptr<EpisodeTeller>> tellers_;  ///< of sources whose devices come and go
  std::vector<std::unique_ptr<NotifierRunner>> notifiers_;
  std::vector<std::unique_ptr<SinkRunner>> sinks_;
  std::vector<SinkStatus> sinks_off_;  ///< left out
  std::jthread catching_up_;           ///< tells the lane while the simulation makes up the past
  const std::vector<LimitWish> limit_wishes_;  ///< the command line's
  bool started_ = false;
};

RunningEngine::RunningEngine(Plan plan, std::unique_ptr<SeriesTable> series,
                             std::unique_ptr<Store> store, std::optional<Timestamp> newest,
                             const std::string& folder, const Engine::Options& options)
    : info_(plan.info),
      zone_(*plan.zone),
      warm_up_(plan.warm_up),
      rules_memory_(plan.rules.memory()),
      learn_(plan.learn),
      frame_period_(plan.frame_period),
      compliance_(plan.compliance),
      zones_(plan.zones),
      newest_(newest),
      series_(std::move(series)),
      store_(std::move(store)),
      clock_(clock_for(plan, newest)),
      to_lane_(plan.queue_parcels),
      to_journal_(plan.queue_parcels),
      descriptions_(std::move(plan.descriptions)),
      doors_{*series_,
             to_lane_,
             durable_,
             *clock_,
             *store_,
             statistics_,
             stopping_.get_token(),
             plan.info.asset,
             plan.declare_unknown,
             plan.info.recorded ? for_ever : plan.future_limit,
             plan.rules.memory(),
             &descriptions_},
      door_(doors_),
      road_(to_lane_, durable_, *series_, statistics_, *clock_, doors_.future_limit),
      cases_(*store_, road_, *clock_),
      desk_(AlarmDesk{AlarmBook(std::move(plan.alarms), *series_), {}}),
      rule_limits_(RuleLimitBook(plan.rules.rules)),
      simulator_(plan.simulator()),
      watch_(nullptr),
      operators_(std::move(plan.operators), *series_,
                 {[this](SeriesId id) {
                    auto last = store_->last_reading(id, Timestamp::max());
                    return last ? std::move(last).value() : std::nullopt;
                  },
                  [this](const std::string& key) {
                    auto bytes = store_->recall(key);
                    return bytes ? std::move(bytes).value() : std::nullopt;
                  }}),
      lane_(
          {plan.info.recorded ? for_ever : plan.future_skew, plan.store_learning,
           !plan.info.recorded},
          {to_lane_, to_journal_, *series_, latest_, *clock_, statistics_, desk_, durable_},
          FrameBuilder(plan.info.asset, plan.frame_period, *series_),
          [&] {
            auto watch = make_watch(plan, folder, store_->next_finding_id().value());
            watch_ = watch.get();
            return watch;
          }(),
          plan.rules, operators_),
      journal_(*store_, to_journal_, durable_, *clock_, statistics_, plan.commit_every),
      models_({.folder = folder + "/models",
               .asset = plan.info.asset,
               .frame_period = plan.frame_period,
               .learn = plan.learn,
               .warm_up = plan.warm_up,
               .is_recorded = plan.info.recorded,
               .has_detectors = lane_.watch().has_detectors(),
               .retraining = plan.retraining},
              training_of(plan), model_context()),
      limit_wishes_(options.limits) {
  for (auto& named : plan.sources) add(std::move(named));
  if (simulator_ != nullptr) simulator_->labels_to(journal_);
  for (auto& named : plan.notifiers) {
    notifiers_.push_back(std::make_unique<NotifierRunner>(std::move(named), *store_, *series_,
                                                          [this] { return may_tell(); }));
  }
  descriptions_.complete(*series_);
  for (auto& named : plan.sinks) add(std::move(named));
  lane_.weigh_with([this](std::span<FindingEvent> events) { cases_.weigh(events); });
  if (std::ranges::any_of(sinks_, &SinkRunner::is_early)) {
    lane_.tell_early([this](std::span<const AlarmEvent> steps) {
      for (const auto& sink : sinks_) {
        if (sink->is_early()) sink->stepped(steps);
      }
    });
  }
}

void RunningEngine::add(NamedSource named) {
  if (auto* labelled = dynamic_cast<Labelled*>(named.source.get())) labelled->labels_to(journal_);
  auto* const keeper = dynamic_cast<EpisodeKeeper*>(named.source.get());
  if (keeper != nullptr && keeper->keeps_episodes()) {
    tellers_.push_back(std::make_unique<EpisodeTeller>(*keeper, *series_));
  }
  sources_.push_back(std::make_unique<SourceRunner>(std::move(named), doors_));
}

bool RunningEngine::may_tell() const {
  return std::ranges::all_of(tellers_, &EpisodeTeller::may_tell);
}

void RunningEngine::add(NamedSink named) {
  if (!named.off.empty()) {
    log::info(named.name, "left out: {}", named.off);
    sinks_off_.push_back({named.name, named.kind, "off", 0, 0, 0, std::nullopt, named.off});
    return;
  }
  sinks_.push_back(std::make_unique<SinkRunner>(
      std::move(named), *store_, doors_, [this] { return limits(); }, SinkRunner::Pace(),
      [this] { return may_tell(); }));
}

std::unique_ptr<Watch> RunningEngine::make_watch(Plan& plan, const std::string& folder,
                                                 std::uint64_t next_id) {
  plan.diagnosis.next_id = next_id;
  const std::uint64_t seed = simulator_ == nullptr ? 0 : simulator_->status().seed;
  return std::make_unique<Watch>(Watch::Config{.learn = plan.learn,
                                               .seed = seed,
                                               .model_folder = folder + "/models",
                                               .allowed_per_day = plan.false_alarms_per_day,
                                               .rehearse = rehearsals(training_of(plan))},
                                 zone_, std::move(plan.detectors), plan.diagnosis, statistics_);
}

ModelDesk::Context RunningEngine::model_context() {
  return {.store = *store_,
          .series = *series_,
          .latest = latest_,
          .clock = *clock_,
          .statistics = statistics_,
          .cases = cases_,
          .card = [this] { return model(); },
          .profile = [this] { return profile(); },
          .alarms = [this] { return live_alarms(); },
          .order = [this](ModelOrder order) { return obey(std::move(order)); }};
}

bool RunningEngine::obey(ModelOrder order) {
  Parcel parcel;
  parcel.models.push_back(std::move(order));
  const std::uint64_t number = to_lane_.put(parcel, stopping_.get_token());
  return number != 0 && durable_.wait(number, patience);
}

/// Alarms, models and the recent past come back from the disk.
Result<void> RunningEngine::restore() {
  auto live = TRY(store_->live_alarms());
  const auto next_alarm = TRY(store_->next_alarm_id());
  const Duration back = std::max({rules_memory_, operators_.memory(), restore_model()});
  // A device's clock may have run ahead.
  const Timestamp until = std::min(newest_.value_or(Timestamp{}), clock_->now());
  FindingQuery recent;  // open, or over not long ago
  recent.from = until - back;
  recent.limit = 1'000'000;  // rules: one a device
  const auto known = TRY(store_->findings(recent)).findings;
  std::vector<Finding> open;
  std::ranges::copy_if(known, std::back_inserter(open), [](const auto& f) { return !f.closed; });
  desk_.with([&](AlarmDesk& desk) { desk.book.restore(std::move(live), open, next_alarm); });
  TRY(restore_limits());
  TRY(restore_rule_limits());
  TRY(cases_.restore());
  if (!tellers_.empty()) {
    lane_.wait_for_handovers(open);
    if (newest_) statistics_.newest_us = newest_->time_since_epoch().count();
    return {};
  }
  const auto ids = series_->of_asset(info_.asset);
  Result<void> scanned;
  lane_.warm_up(
      [&](const auto& take) {
        if (!newest_) return;  // findings may be older than any reading that is left
        scanned = store_->scan(ids, until - back, *newest_ + Duration(1),
                               [&](std::span<const Reading> readings) {
                                 take(readings);
                                 return true;
                               });
      },
      until - back, known);
  if (newest_) statistics_.newest_us = newest_->time_since_epoch().count();
  return scanned;
}

/// How much of the past the frames need again.
Duration RunningEngine::restore_model() {
  if (!lane_.makes_frames()) return {};
  FrameBuilder columns(info_.asset, frame_period_, *series_);
  columns.refresh();
  return watch_->load_model(columns.columns()) ? warm_up_ : learn_ + warm_up_;
}

/// Before the past is looked at again, so that it is judged by the limits in force.
Result<void> RunningEngine::restore_limits() {
  const auto in_force = TRY(store_->recall(LimitBook::in_force_key));
  const auto log = TRY(store_->recall(LimitBook::log_key));
  return limit_book_.with([&](LimitBook& book) -> Result<void> {
    book.restore(in_force.value_or(""), log.value_or(""), *series_);
    for (const LimitOrder& order : book.orders(watch_->limits())) watch_->set_limit(order);
    for (const LimitWish& wish : limit_wishes_) {
      const auto orders = TRY(book.begin_with(wish, watch_->limits(), *series_, clock_->now()));
      for (const LimitOrder& order : orders) watch_->set_limit(order);
    }
    return {};
  });
}

Result<void> RunningEngine::restore_rule_limits() {
  const auto moved = TRY(store_->recall(RuleLimitBook::moved_key));
  const auto log = TRY(store_->recall(RuleLimitBook::log_key));
  lane_.begin_with(rule_limits_.with([&](RuleLimitBook& book) {
    book.restore(moved.value_or(""), log.value_or(""));
    return book.orders();
  }));
  return {};
}

/// What the command line moved goes to disk before the first reading.
void RunningEngine::keep_limits() {
  if (limit_wishes_.empty()) return;
  Parcel parcel;
  parcel.remembered = limit_book_.with([&](LimitBook& book) { return book.bytes(*series_); });
  to_lane_.put(parcel, stopping_.get_token());
}

void RunningEngine::listener_moved(int from_port, int to_port) {
  for (auto& source : sources_) {
    if (auto* follower = dynamic_cast<Follower*>(&source->source())) {
      follower->listener_moved(from_port, to_port);
    }
  }
}

Result<void> RunningEngine::start() {
  journal_.listen(road_);
  for (auto& teller : tellers_) journal_.listen(*teller);
  journal_.start();
  // Where one of several can be read, the others' devices go by the clock as ever.
  lane_.ask_whether_cut_off([this] {
    bool is_any_away = false;
    for (const auto& source : sources_) {
      const auto state = source->status().state;
      if (state == "running") return false;
      is_any_away = is_any_away || state == "waiting";
    }
    return is_any_away;
  });
  lane_.start();
  keep_limits();
  if (simulator_ != nullptr) {
    lane_.set_catching_up(true);
    catching_up_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        lane_.set_catching_up(simulator_->status().catching_up);
        rest(stop, std::chrono::milliseconds(500));
      }
    });
  }
  models_.start();
  for (auto& source : sources_) source->start();
  for (auto& notifier : notifiers_) {
    journal_.listen(*notifier);
    notifier->start();
  }
  for (auto& sink : sinks_) {
    journal_.listen(*sink);
    sink->start();
  }
  started_ = true;
  return {};
}

void RunningEngine::stop() {
  if (!started_) return;
  started_ = false;
  for (auto& source : sources_) source->request_stop();
  stopping_.request_stop();
  models_.stop();
  for (auto& source : sources_) source->join();
  catching_up_ = {};
  road_.finish();
  to_lane_.close();
  lane_.join();
  to_journal_.close();
  journal_.join();
  for (auto& sink : sinks_) sink->request_stop();
  for (auto& notifier : notifiers_) notifier->stop();
  for (auto& sink : sinks_) sink->join();
}

void RunningEngine::wait_until_done(const std::stop_token& stop) {
  const auto all_ended = [&] {
    return std::all_of(sources_.begin(), sources_.end(),
                       [](const auto& source) { return source->has_ended(); });
  };
  while (!stop.stop_requested() && !all_ended()) rest(stop, std::chrono::milliseconds(20));
  if (stop.stop_requested()) return;
  Parcel last;
  const std::uint64_t number = to_lane_.put(last, stop);
  while (number != 0 && !stop.stop_requested() && !durable_.wait(number, patience)) {
  }
}

std::vector<Stage> RunningEngine::stages() const {
  std::vector<Stage> stages;
  for (const SeriesId id : series_->of_asset(info_.asset)) {
    const SeriesInfo& info = (*series_)[id];
    if (info.stage.empty()) continue;
    auto found = std::find_if(stages.begin(), stages.end(),
                              [&](const Stage& stage) { return stage.id == info.stage; });
    if (found == stages.end())
      found = stages.insert(stages.end(), {info.stage, info.stage_name, {}});
    found->series.push_back(id);
  }
  return stages;
}

std::vector<Alarm> RunningEngine::live_alarms(std::size_t limit) const {
  return desk_.with([&](AlarmDesk& desk) { return desk.book.live(limit); });
}

AlarmCounts RunningEngine::alarm_counts() const {
  return desk_.with([](AlarmDesk& desk) { return desk.book.counts(); });
}

std::optional<Alarm> RunningEngine::newest_alarm() const {
  return desk_.with([](AlarmDesk& desk) { return desk.book.newest(); });
}

/// `act` works on the book; what it did travels through the lane like all else, so that the log
/// keeps its order, and is on disk when this returns.
template <class Act>
Result<Alarm> RunningEngine::act_on_alarm(const Act& act) {
  auto done = desk_.with([&](AlarmDesk& desk) { return act(desk.book, desk.waiting); });
  if (!done) return done;
  Parcel nudge;
  const std::uint64_t number = to_lane_.put(nudge, stopping_.get_token());
  if (number == 0 || !durable_.wait(number, patience)) {
    return Error{Errc::unavailable, "it is done, but could not be written to disk yet"};
  }
  return done;
}

Result<Alarm> RunningEngine::acknowledge(std::uint64_t alarm, const std::string& who,
                                         const std::string& comment) {
  const AlarmBook::Act act{who, comment, clock_->now()};
  return act_on_alarm(
      [&](AlarmBook& book, AlarmBook::Log& log) { return book.acknowledge(alarm, act, log); });
}

Result<Alarm> RunningEngine::shelve(std::uint64_t alarm, const std::string& who,
                                    const std::string& comment, Duration lasts) {
  const AlarmBook::Act act{who, comment, clock_->now()};
  return act_on_alarm(
      [&](AlarmBook& book, AlarmBook::Log& log) { return book.shelve(alarm, lasts, act, log); });
}

Result<Alarm> RunningEngine::unshelve(std::uint64_t alarm, const std::string& who) {
  const AlarmBook::Act act{who, "", clock_->now()};
  return act_on_alarm(
      [&](AlarmBook& book, AlarmBook::Log& log) { return book.unshelve(alarm, act, log); });
}

/// The book stays locked until the order is in the lane's queue, so that two of them reach the lane
/// in the order in which they were noted.
Result<SeriesLimit> RunningEngine::set_limit(SeriesId series, const std::string& name,
                                             std::optional<double> value, const std::string& who,
                                             const std::string& comment) {
  std::uint64_t number = 0;
  const auto change = limit_book_.with([&](LimitBook& book) -> Result<LimitChange> {
    auto made = TRY(book.change(limits(), {series, name, value, who, comment, clock_->now()}));
    Parcel parcel;
    parcel.limits.push_back({series, name, made.to});
    parcel.remembered = book.bytes(*series_);
    number = to_lane_.put(parcel, stopping_.get_token());
    log::info("limits", "{} {}: {} -> {}, by {}", (*series_)[series].name(), name, made.from,
              made.to, made.who);
    return made;
  });
  if (!change) return change.error();
  if (number == 0 || !durable_.wait(number, patience)) {
    return Error{Errc::unavailable, "it is done, but could not be written to disk yet"};
  }
  for (const SeriesLimit& limit : limits()) {
    if (limit.series == series && limit.name == name) return limit;
  }
  return Error{Errc::not_found, "the limit is no more"};
}

/// Of event time: behind all that was measured so far, but for what clocks that are fast say.
Timestamp RunningEngine::next_instant() const {
  const Timestamp now = clock_->now();
  const Duration newest(statistics_.newest_us.load(std::memory_order_relaxed));
  if (newest == Duration()) return now;
  const Timestamp next = Timestamp(newest) + Duration(1);
  return info_.recorded ? next : std::min(now, next);
}

/// As with a series' limit: the book stays locked until the order is in the lane's queue.
Result<RuleInForce> RunningEngine::move_rule(const RuleMove& move) {
  std::uint64_t number = 0;
  auto moved = rule_limits_.with([&](RuleLimitBook& book) -> Result<RuleInForce> {
    const auto change = TRY(book.move(move, next_instant(), clock_->now()));
    Parcel parcel;
    parcel.rule_orders.push_back({change.rule, change.to, change.since});
    parcel.remembered = book.bytes();
    number = to_lane_.put(parcel, stopping_.get_token());
    log::info("rules", "{}: {} -> {}, by {}", change.rule, text_of(change.from), text_of(change.to),
              change.who);
    return book.rule(change.rule);
  });
  if (!moved) return moved;
  if (number == 0 || !durable_.wait(number, patience)) {
    return Error{Errc::unavailable, "it is done, but could not be written to disk yet"};
  }
  return moved;
}

std::vector<SourceStatus> RunningEngine::sources() const {
  std::vector<SourceStatus> all;
  all.reserve(sources_.size() + 1);
  for (const auto& source : sources_) all.push_back(source->status());
  all.push_back({"http", "http", "listening", door_.taken(), door_.refused(), ""});
  return all;
}

std::vector<NotifierStatus> RunningEngine::notifiers() const {
  std::vector<NotifierStatus> all;
  all.reserve(notifiers_.size());
  for (const auto& notifier : notifiers_) all.push_back(notifier->status());
  return all;
}

std::vector<SinkStatus> RunningEngine::sinks() const {
  std::vector<SinkStatus> all;
  all.reserve(sinks_.size() + sinks_off_.size());
  for (const auto& sink : sinks_) all.push_back(sink->status());
  all.insert(all.end(), sinks_off_.begin(), sinks_off_.end());
  return all;
}

std::vector<QueueStatus> RunningEngine::queues() const {
  return {{"lane", to_lane_.size(), to_lane_.capacity()},
          {"journal", to_journal_.size(), to_journal_.capacity()}};
}

Versions RunningEngine::versions() const {
  Versions versions;
  versions.alarms = desk_.with([](AlarmDesk& desk) { return desk.book.version(); });
  versions.findings = lane_.findings_version();
  if (simulator_ != nullptr) {
    for (const Label& label : simulator_->status().running) versions.simulator += label.id + 1;
  }
  return versions;
}

std::string RunningEngine::health() const {
  if (const auto trouble = durable_.trouble()) return trouble->what;
  for (const auto& source : sources_) {
    const auto status = source->status();
    if (!status.error.empty()) return fmt::format("{}: {}", status.name, status.error);
  }
  return "ok";
}

/// What the scenario says of its series: their asset is the scenario's where a source names none.
std::vector<SeriesInfo> described_by(const Plan& plan) {
  std::vector<SeriesInfo> all;
  for (const auto& named : plan.sources) {
    for (auto& info : named.source->described()) {
      if (info.asset.empty()) info.asset = plan.info.asset;
      all.push_back(std::move(info));
    }
  }
  return all;
}

}  // namespace

Result<void> Engine::check(Section& scenario, const Catalog& catalog) {
  TRY(Plan::read(scenario, catalog, "var"));
  return {};
}

Result<std::unique_ptr<Engine>> Engine::create(Section& scenario, const Catalog& catalog,
                                               const Options& options) {
  const auto name = TRY(scenario.text("name"));
  const auto folder = options.data_folder + "/" + name;
  auto plan = TRY(Plan::read(scenario, catalog, folder));
  TRY(make_own_folder(folder));
  if (options.speed && plan.simulator() != nullptr) {
    TRY(plan.simulator()->set_speed(*options.speed));
  }
  const auto described = described_by(plan);
  plan.store.described = described;
  auto series = std::make_unique<SeriesTable>();
  auto store = TRY(Store::open(plan.store, *series));
  // At the first start the sources have not declared their series yet, and limits are of series.
  if (!options.limits.empty()) {
    for (const auto& info : described) series->declare(info);
  }
  TRY(store->next_finding_id());
  const auto stats = TRY(store->stats());
  auto engine = std::make_unique<RunningEngine>(std::move(plan), std::move(series),
                                                std::move(store), stats.newest, folder, options);
  TRY(engine->restore());
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace sosie
