#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alarms/book.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/time_text.h"
#include "compliance/config.h"
#include "core/alarm.h"
#include "core/catalog.h"
#include "core/section.h"
#include "core/series.h"
#include "core/source.h"
#include "diagnosis/profile.h"
#include "engine/case_desk.h"
#include "engine/commit_listener.h"
#include "engine/document_road.h"
#include "engine/limits.h"
#include "engine/operator_status.h"
#include "engine/rule_limit_book.h"
#include "engine/statistics.h"
#include "places/zone_set.h"
#include "simulation/simulator.h"
#include "store/store.h"
#include "twin/live/latest.h"

namespace sosie {

class ModelDesk;  // engine/model_desk.h, which knows what the engine is made of

/// A part of the asset, in the order in which its first series was declared.
struct Stage {
  std::string id;
  Words name;
  std::vector<SeriesId> series;
};

/// What the scenario file says of the whole, besides the plug-ins.
struct ScenarioInfo {
  std::string file;
  std::string name;
  Words title;
  std::string asset;
  std::string zone_name;
  bool recorded = false;             ///< its times are a recording's, not now's
  bool declares_unknown = false;     ///< series that nobody described become part of the asset
  bool keeps_readings = true;        ///< every reading that is one is in the store
  std::vector<std::string> rules{};  ///< by name
  double threshold = 0;              ///< the forest's, on scikit-learn's scale; for people to see
  double confidence = 0;
  std::vector<std::string> watched;  ///< `[terminal] watch`: series that `run` prints as they come
  std::string fault;                 ///< `[terminal] fault`: worth trying, "NAME" or "NAME:TARGET"
};

/// Where learning stands, and what the detectors in use were learned from.
struct ModelCard {
  bool trained = false;
  double progress = 0;  ///< of the learning period, 0..1
  std::uint32_t version = 0;
  Timestamp trained_at;
  Timestamp from;
  Timestamp to;
  std::uint64_t frames = 0;
  std::uint64_t seed = 0;
  std::vector<std::string> detectors;
  std::string note;  ///< why it is not the one that should be, or what it does not know; or empty

  /// A detector that has learned nothing, and why, as far as it says.
  struct Unlearned {
    std::string detector;
    std::string why;
  };
  std::vector<Unlearned> unlearned{};  ///< of a model that was learned, not loaded

  /// What [detection] allows, and what was told in the rehearsal that it is kept by: so many in so
  /// many days, and so between `low` and `high` a day in 95 of 100 such times. What by its evidence
  /// has a cause is none of them.
  struct FalseAlarms {
    double allowed_per_day = 0;
    double least_chance = 0;  ///< of there being a cause: what is less likely is not told
    std::size_t found = 0;    ///< findings, told or not
    std::size_t told = 0;
    std::size_t episodes = 0;  ///< of what was told, as many as count as false
    double days = 0;
    double per_day = 0;
    double low = 0;
    double high = 0;
  };
  std::optional<FalseAlarms> false_alarms;  ///< none: no budget was set, or none was rehearsed
};

/// Grows whenever a page that shows such a list must ask for it anew.
struct Versions {
  std::uint64_t alarms = 0;
  std::uint64_t findings = 0;
  std::uint64_t simulator = 0;
};

/// Builds and runs what a scenario describes: sources → intake → lane → journal → notifiers.
///
/// Life: `create` checks the whole scenario and opens the store, nothing else; `start` brings the
/// threads up; `stop` (or the destructor) ends the sources, lets the queues run dry, commits, and
/// joins all threads.
/// Threads: every function below may be called from any thread once `start` has returned.
class Engine {
 public:
  struct Options {
    std::string data_folder = "var";  ///< the store, the models
    std::optional<double> speed;      ///< instead of the simulation's own; 0: as fast as possible
    std::vector<LimitWish> limits{};  ///< in force from the start, and noted as moved
  };

  /// Reads and makes everything the scenario names, and opens nothing.
  static Result<void> check(Section& scenario, const Catalog& catalog);

  /// Takes its own keys from `scenario`; the rest ([[listener]] …) is the caller's.
  static Result<std::unique_ptr<Engine>> create(Section& scenario, const Catalog& catalog,
                                                const Options& options);
  virtual ~Engine() = default;

  /// Before `start`: what this program listens to is at another port than the scenario says.
  virtual void listener_moved(int from_port, int to_port) = 0;

  virtual Result<void> start() = 0;
  virtual void stop() = 0;

  /// Waits until every source has ended and all they brought is committed (a replay), or until
  /// `stop` is asked.
  virtual void wait_until_done(const std::stop_token& stop) = 0;

  virtual const ScenarioInfo& scenario() const = 0;
  virtual const Zone& zone() const = 0;
  virtual SeriesTable& series() = 0;
  virtual std::vector<Stage> stages() const = 0;
  virtual const Latest& latest() const = 0;
  virtual Store& store() = 0;
  virtual Clock& clock() = 0;
  virtual Intake& intake() = 0;
  virtual DocumentRoad& documents() = 0;
  /// Until `unlisten`, which returns when none of its calls is under way.
  virtual void listen(CommitListener& listener) = 0;
  virtual void unlisten(CommitListener& listener) = 0;
  virtual Simulator* simulator() = 0;  ///< none: nullptr
  virtual const std::optional<ComplianceConfig>& compliance() const = 0;
  virtual const places::ZoneSets& zones() const = 0;  ///< the scenario's, in its order

  /// Most urgent first, at most `limit`.
  virtual std::vector<Alarm> live_alarms(std::size_t limit) const = 0;
  std::vector<Alarm> live_alarms() const { return live_alarms(SIZE_MAX); }
  virtual AlarmCounts alarm_counts() const = 0;
  virtual std::optional<Alarm> newest_alarm() const = 0;  ///< the youngest unacknowledged one
  virtual std::size_t open_findings() const = 0;
  /// The step is committed when these return. Errors: not_found, invalid (already acknowledged).
  virtual Result<Alarm> acknowledge(std::uint64_t alarm, const std::string& who,
                                    const std::string& comment) = 0;
  virtual Result<Alarm> shelve(std::uint64_t alarm, const std::string& who,
                               const std::string& comment, Duration lasts) = 0;
  virtual Result<Alarm> unshelve(std::uint64_t alarm, const std::string& who) = 0;

  virtual CaseDesk& cases() = 0;    ///< what people say of findings
  virtual ModelDesk& models() = 0;  ///< what was learned, and what is done with it

  virtual std::shared_ptr<const NormalProfile> profile() const = 0;  ///< null while it learns
  virtual ModelCard model() const = 0;
  virtual std::vector<SeriesLimit> limits() const = 0;  ///< the detectors', in their order
  /// Moves a limit from the next frame on; no value: back to what the scenario says. It is
  /// committed when this returns, and survives a restart. Errors: not_found, invalid (see
  /// LimitBook).
  virtual Result<SeriesLimit> set_limit(SeriesId series, const std::string& name,
                                        std::optional<double> value, const std::string& who,
                                        const std::string& comment) = 0;
  virtual std::vector<LimitChange> limit_log() const = 0;  ///< in order of time
  virtual std::vector<RuleInForce> rules() const = 0;      ///< the scenario's, in its order
  /// Moves a rule's limits, from the next instant of event time on. It is committed when this
  /// returns, and survives a restart. Errors: not_found, invalid (see RuleLimitBook).
  virtual Result<RuleInForce> move_rule(const RuleMove& move) = 0;
  virtual std::vector<RuleChange> rule_log() const = 0;  ///< in order of time
  virtual const Statistics& statistics() const = 0;
  virtual std::vector<SourceStatus> sources() const = 0;
  virtual std::vector<NotifierStatus> notifiers() const = 0;
  virtual std::vector<SinkStatus> sinks() const = 0;
  virtual std::vector<OperatorStatus> operators() const = 0;
  virtual std::vector<QueueStatus> queues() const = 0;
  virtual Versions versions() const = 0;
  virtual std::string health() const = 0;  ///< "ok", or what is wrong
};

}  // namespace sosie
