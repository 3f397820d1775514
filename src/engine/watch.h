#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/time_text.h"
#include "core/detector.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/profile.h"
#include "engine/engine.h"
#include "engine/model_file.h"
#include "engine/pace.h"
#include "engine/pace_gate.h"
#include "engine/statistics.h"
#include "models/registry.h"

namespace sosie {

class Rehearsal;
struct Rehearsed;

/// A detector as the scenario lists it.
struct NamedDetector {
  std::string name;  ///< "3/forest": its place and kind, under which its model is kept
  std::unique_ptr<Detector> detector;
  double weight = 1;  ///< of its evidence: that of 2 counts as what two such detectors say
};

/// Begins the rehearsal of a model (engine/rehearsal.h).
using RehearsalMaker =
    std::function<Result<std::unique_ptr<Rehearsal>>(const ModelFile&, const AssetColumns&)>;

/// Watches one asset: learns from its first frames, then looks at each and says what is wrong.
///
/// Threads: the lane's, but for `profile`, `card` and `limits`.
class Watch {
 public:
  struct Config {
    Duration learn{};            ///< event time to learn from
    std::uint64_t seed = 0;      ///< for the record
    std::string model_folder{};  ///< empty: nothing is kept
    double allowed_per_day = 0;  ///< false alarms, of all detectors together; 0: no budget
    RehearsalMaker rehearse{};   ///< that the budget is kept by; nobody: none is held
    bool logs_unlearned = true;  ///< detectors that could learn nothing, with the reason
  };

  Watch(Config config, Zone zone, std::vector<NamedDetector> detectors,
        const Diagnosis::Config& diagnosis, Statistics& statistics);
  ~Watch();

  /// Takes over the model that judges, by the folder's register; where that cannot be used, the
  /// newest that can, and the card says why. False: there is none of use, learn anew.
  bool load_model(const AssetColumns& columns);
  /// Takes over this one. Errors: it does not fit the scenario's detectors, its frames or its
  /// sensors; then nothing of it is in use, and another one can be loaded.
  Result<void> load(const ModelFile& model, const AssetColumns& columns);

  void begin(const AssetColumns& columns);

  /// Moves a limit, now and whenever columns come anew.
  void set_limit(const LimitOrder& order);

  /// One frame; what opened, changed or closed is appended to `out`.
  void take(const Frame& frame, const Clock& clock, std::vector<FindingEvent>& out);

  /// While it learns: from then on what it has learned is rehearsed on what is still to be learned,
  /// if there is a budget. By itself it does so in the last quarter of its period.
  void rehearse_from(Timestamp at) { rehearse_from_ = at; }

  /// Ends learning now, whatever its period: what was learned, for a file. It has no number yet.
  ModelFile settle(const Clock& clock);
  /// The same, and keeps the model, entered as `about` (its state,
  /// why and by whom it was learned). Errors: it cannot be kept.
  Result<void> finish_learning(const Clock& clock, models::Version about, const std::string& who);

  /// `other`, which has looked at the same frames, judges from now on, with all it has learned and
  /// what it has open; what was open here must be closed before. Limits stay where people moved
  /// them. `other` has what was here, and is of no more use.
  void take_over(Watch& other);
  /// Moves the limits as people moved them there.
  void copy_limits(const Watch& other);
  /// As Diagnosis's.
  void continue_ids(std::uint64_t next) { diagnosis_->continue_ids(next); }
  std::uint64_t next_finding_id() const { return diagnosis_->next_id(); }

  void close_all(Timestamp at, std::vector<FindingEvent>& out) { diagnosis_->close_all(at, out); }

  const std::vector<ModelCard::Unlearned>& unlearned() const { return unlearned_; }
  bool has_detectors() const { return !detectors_.empty(); }
  std::uint64_t take_finding_id() { return diagnosis_->take_id(); }

  bool is_learning() const { return !trained_; }
  /// The first instant that is judged and not learned from; none before the first frame.
  std::optional<Timestamp> learns_until() const;
  std::size_t open_count() const { return diagnosis_->open_count(); }

  /// As Diagnosis's.
  void rehearse() { diagnosis_->rehearse(); }
  std::vector<double> rehearsed() const { return diagnosis_->rehearsed(); }
  double chance_before() const { return diagnosis_->chance_before(); }

  const Zone& zone() const { return zone_; }

  /// Any thread.
  std::shared_ptr<const NormalProfile> profile() const;
  ModelCard card() const;
  std::vector<SeriesLimit> limits() const;

 private:
  Result<void> load_parts(const ModelFile& model);
  void show_bands();
  void learn(const Frame& frame, const Clock& clock);
  void rehearse(const Frame& frame, const Clock& clock);
  ModelFile gather(const Clock& clock);
  void keep_to_budget(const Rehearsed& rehearsed);
  void tell_if_unkept() const;
  void look(const Frame& frame, std::vector<FindingEvent>& out);
  void notice_strangers();
  void tell_pace();
  void show_note();
  void move_limits();
  void show_limits();

  const Config config_;
  const Zone zone_;
  Statistics& statistics_;
  std::vector<NamedDetector> detectors_;
  std::unique_ptr<Diagnosis> diagnosis_;
  AssetColumns columns_;
  std::shared_ptr<NormalProfile> draft_;  ///< being learned
  std::vector<ModelCard::Unlearned> unlearned_;
  std::optional<Timestamp> first_;  ///< frame that was learned from
  Timestamp last_;
  std::uint64_t learned_ = 0;
  std::optional<Timestamp> rehearse_from_;  ///< none: in the last part of the period
  std::unique_ptr<Rehearsal> rehearsal_;
  const double floor_;                                  ///< of `least_chance`: the scenario's own
  std::optional<ModelCard::FalseAlarms> false_alarms_;  ///< of the model in use
  bool trained_ = false;
  Pace pace_;
  PaceGate gate_;
  std::vector<std::string> known_;  ///< series that the model in use was learned of
  std::string bands_;               ///< of that model, while some of them are not there
  std::string strangers_;           ///< which it does not know; empty: none
  using LimitKey = std::pair<SeriesId, std::string>;
  std::map<LimitKey, double> moved_;     ///< limits, by people
  std::map<LimitKey, double> scenario_;  ///< what the limits are without that

  struct Shown {
    std::shared_ptr<const NormalProfile> profile;
    ModelCard card;
    std::vector<SeriesLimit> limits;
  };
  mutable Guarded<Shown> shown_;
};

}  // namespace sosie
