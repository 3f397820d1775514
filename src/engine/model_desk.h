#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "core/alarm.h"
#include "engine/case_desk.h"
#include "engine/model_file.h"
#include "engine/model_order.h"
#include "engine/plan.h"
#include "engine/shadow.h"
#include "engine/training.h"
#include "models/level_watch.h"
#include "models/registry.h"
#include "store/store.h"
#include "twin/live/latest.h"

namespace sosie {

/// How the desk's work stands.
struct ModelStatus {
  bool can_learn = false;    ///< there are detectors, and the first learning is over
  bool is_training = false;  ///< now
  std::string trouble;       ///< why the last training failed, or what cannot be loaded; or empty
  std::optional<Timestamp> next_training;  ///< by the schedule
  std::vector<std::string> moved;          ///< sensors whose level has, the one farthest gone first
  Duration trial{};                        ///< that a shadow stands
};

/// The models of a running scenario: learns new ones beside it, tries them, promotes what is
/// better, goes back to what was.
///
/// A new model learns from the last [learn] period of what is stored, without sensors under an
/// alarm and what people confirmed (blanks_of), and becomes the *shadow*: it looks at each frame
/// beside the active one and raises nothing. When its trial is over it is promoted or retired by
/// models::judge, and by nothing else but a person. What judges is what the folder's register says:
/// each change is on the disk before it is in use, so after a crash it is as before or as after;
/// a trial that was under way begins anew. `sosie train` and `sosie models` change the same
/// register, and are followed.
///
/// Training begins: when people ask; `retrain` after the active one was learned; where levels have
/// moved (models::LevelWatch over bands of 99 %, a look at every sensor each ten minutes of event
/// time, alarms left out) and no alarm of the sensor is open. Not in a recording, but for people.
///
/// Threads: one of its own, on which is trained; all functions from any.
class ModelDesk {
 public:
  struct Context {
    const Store& store;
    const SeriesTable& series;
    const Latest& latest;
    const Clock& clock;
    const Statistics& statistics;
    const CaseDesk& cases;
    std::function<ModelCard()> card;  ///< of the active one
    std::function<std::shared_ptr<const NormalProfile>()> profile;
    std::function<std::vector<Alarm>()> alarms;  ///< live ones
    /// Hands an order to the lane. False: not obeyed in time.
    std::function<bool(ModelOrder)> order;
  };
  struct Config {
    std::string folder;  ///< of models
    std::string asset;
    Duration frame_period{};
    Duration learn{};
    Duration warm_up{};
    bool is_recorded = false;
    bool has_detectors = false;
    Retraining retraining;
  };

  ModelDesk(Config config, Training training, Context context);
  ~ModelDesk() { stop(); }
  ModelDesk(const ModelDesk&) = delete;
  ModelDesk& operator=(const ModelDesk&) = delete;

  void start();
  void stop();

  models::Registry registry() const;
  ModelStatus status() const;

  /// Begins to learn a new model, which will be the shadow. Errors: invalid (nobody says it; there
  /// is nothing that learns; it is learning already).
  Result<void> train(const std::string& who, const std::string& comment);

  /// Has version `number` judge: an earlier one (a roll-back) or the shadow, before its time. It is
  /// on the disk and in use when this returns. Errors: not_found; invalid (nobody says it, it is
  /// active, it does not fit the scenario as it is); unavailable.
  Result<void> activate(std::uint32_t number, const std::string& who, const std::string& comment);

  /// Ends a shadow's trial. Errors: not_found, invalid.
  Result<void> retire(std::uint32_t number, const std::string& who, const std::string& comment);

 private:
  struct Wish {
    models::Trigger trigger = models::Trigger::people;
    std::string who;
    std::string why;
  };
  struct State {
    models::Registry registry;
    std::shared_ptr<Shadow> shadow;  ///< on trial
    std::optional<Wish> wish;
    bool is_training = false;
    std::string trouble;
    std::vector<std::string> moved;
    std::optional<Timestamp> not_before;  ///< by itself, after one that failed
  };

  void run(const std::stop_token& stop);
  void step(const std::stop_token& stop);
  void follow_register();
  void train_now(const Wish& wish, const std::stop_token& stop);
  Result<void> learn_shadow(const Wish& wish, const std::stop_token& stop);
  Result<std::shared_ptr<Shadow>> load_shadow(std::uint32_t number);
  Result<void> begin_trial(std::uint32_t number);
  Result<void> put_in_use(std::uint32_t number);
  void judge_shadow();
  void look_at_levels();
  std::optional<Wish> due() const;
  Result<void> change(const ModelFolder::Act& act);
  Timestamp newest() const;

  const Config config_;
  const Training training_;
  const Context context_;
  const ModelFolder folder_;

  std::mutex acting_;  ///< one act at a time: `activate`, `retire`, what the thread does
  std::string stamp_;  ///< of the register as it is in `state_`; under `acting_`
  mutable Guarded<State> state_;

  // The thread's.
  models::LevelWatch levels_;
  std::optional<Timestamp> looked_;
  std::vector<SeriesId> watched_;

  std::mutex waking_mutex_;
  std::condition_variable_any waking_;
  bool is_woken_ = false;
  std::jthread thread_;
};

}  // namespace sosie
