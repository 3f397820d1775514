#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alarms/policy.h"
#include "compliance/config.h"
#include "core/catalog.h"
#include "core/notifier.h"
#include "core/section.h"
#include "core/sink.h"
#include "core/source.h"
#include "diagnosis/diagnosis.h"
#include "engine/description.h"
#include "engine/engine.h"
#include "engine/operator_desk.h"
#include "engine/watch.h"
#include "places/zone_set.h"
#include "rules/rule.h"
#include "store/options.h"

namespace sosie {

struct NamedSource {
  std::string name;  ///< its key `name`, or its kind
  std::string kind;
  std::unique_ptr<Source> source;
};

struct NamedNotifier {
  std::string name;
  std::unique_ptr<Notifier> notifier;
};

struct NamedSink {
  std::string name;
  std::string kind;
  std::unique_ptr<Sink> sink;
  std::string off;     ///< why it is left out; empty: it is not
  bool early = false;  ///< takes steps of alarms before the journal has them
};

/// When a running program learns anew, and how long a new model stands its trial.
struct Retraining {
  Duration every{};  ///< since the active one was learned; 0: not by time
  bool on_drift = false;
  Duration drift_memory = std::chrono::hours(48);  ///< models::LevelWatch's
  Duration trial = std::chrono::hours(24);         ///< models::MeritRule's
};

/// Makes the scenario's detectors once more, as they are before they learn. Any thread.
using DetectorMaker = std::function<Result<std::vector<NamedDetector>>()>;

/// A whole scenario, read and checked, with every plug-in made and nothing opened.
struct Plan {
  ScenarioInfo info;
  std::optional<Zone> zone;

  Duration frame_period = std::chrono::seconds(5);
  Duration learn = std::chrono::hours(24);
  bool store_learning = true;
  Duration warm_up = std::chrono::hours(2);  ///< of the past, looked at again when starting
  bool declare_unknown = false;
  Duration future_skew = std::chrono::minutes(1);
  Duration future_limit = std::chrono::hours(1);
  std::size_t queue_parcels = 16;
  Duration commit_every = std::chrono::seconds(1);

  Descriptions descriptions;  ///< of series that do not say it themselves
  std::vector<NamedSource> sources;
  std::vector<NamedDetector> detectors;
  DetectorMaker make_detectors;  ///< the same once more
  Retraining retraining;
  double false_alarms_per_day = 0;  ///< that detectors may have together; 0: each as it likes
  std::vector<NamedNotifier> notifiers;
  std::vector<NamedSink> sinks;
  Diagnosis::Config diagnosis;
  AlarmPolicy alarms;
  rules::RuleSet rules;
  places::ZoneSets zones;
  std::vector<NamedOperator> operators;
  StoreOptions store;
  std::optional<ComplianceConfig> compliance;

  /// Takes the engine's keys from `scenario`. `folder`: where store and models are by default.
  static Result<Plan> read(Section& scenario, const Catalog& catalog, const std::string& folder);

  /// The one source that simulates; nullptr: none.
  Simulator* simulator() const;
};

}  // namespace sosie
