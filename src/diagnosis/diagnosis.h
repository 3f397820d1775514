#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "core/detector.h"
#include "core/explaining.h"
#include "core/finding.h"
#include "core/section.h"
#include "diagnosis/loop.h"
#include "diagnosis/verdict_model.h"

namespace sosie {

/// Turns what the detectors of one asset saw into findings: gathers symptoms that belong together
/// into an episode, keeps unrelated ones apart, says what kind of cause fits the evidence, who is
/// to blame and why, and closes the episode when it is over.
///
/// Life: `begin`; then for each frame `report` for each symptom (the detectors do), and
/// `end_frame`. Threads: all calls come from the asset's lane. Budget: under 1 us a frame in which
/// nothing was reported.
class Diagnosis final : public SymptomSink {
 public:
  struct Config {
    Duration hold = std::chrono::minutes(5);        ///< quiet for so long: the episode is over
    Duration merge_gap = std::chrono::minutes(15);  ///< two symptoms this near may be one episode
    Duration carry = std::chrono::hours(6);      ///< what comes later downstream may belong to it
    Duration grow = std::chrono::hours(1);       ///< an episode takes in what is not downstream
    Duration confirm = std::chrono::seconds(0);  ///< evidence must have stood for so long
    Duration update_every = std::chrono::minutes(1);  ///< at most one update so often
    Duration longest = std::chrono::hours(72);        ///< an episode is closed then, come what may
    double min_score = 0.5;                           ///< of the evidence together, to open
    /// Of there being a cause: evidence that is less likely to have one is not told, and weighed
    /// anew as more comes. 0: all is told.
    double least_chance = 0;
    double whole_weight = 0.5;  ///< of "the whole asset is in a state never seen": rain is, too
    std::vector<ControlLoop> loops{};                          ///< of the plant
    std::uint64_t next_id = 1;                                 ///< of the next finding
    std::shared_ptr<const diagnosis::VerdictModel> verdict{};  ///< none: the program's own
  };

  /// The keys of [diagnosis]; `defaults` where there is none. `next_id` is the caller's to set.
  /// Errors: a key's, and those of the file that `verdict` names.
  static Result<Config> read(Section& section, Config defaults);

  explicit Diagnosis(Config config);
  ~Diagnosis() override;

  /// Whom to ask, when something was found, what each sensor has done to the asset's score; nobody:
  /// contributions are known only where a symptom has them. REQUIRES: it outlives the diagnosis.
  void ask(Explaining* whole);

  /// Also called when the asset has got more series; the columns known so far keep their places.
  void begin(const AssetColumns& columns);

  void report(const Symptom& symptom) override;

  /// What opened, changed or closed by what was reported since the last call.
  void end_frame(const Frame& frame, std::vector<FindingEvent>& out);

  /// Closes what is open: the asset goes away or the program ends.
  void close_all(Timestamp at, std::vector<FindingEvent>& out);

  /// From now on: Config's `least_chance`.
  void set_least_chance(double chance);

  /// From now on what is told goes on being weighed, once a minute, to see what a higher
  /// `least_chance` would have kept back. Costs some 5 us a minute and open episode.
  void rehearse();
  /// Of each episode that was told since: the highest chance, 0 to 1, that it was given.
  std::vector<double> rehearsed() const;
  /// The chance of a cause before any evidence, by what the model of causes learned from.
  double chance_before() const;

  std::size_t open_count() const;
  std::uint64_t next_id() const;
  /// For a finding that somebody else makes: an id that no other has.
  std::uint64_t take_id();
  /// Findings from now on have ids from `next` on; those that are open keep theirs.
  void continue_ids(std::uint64_t next);

 private:
  class Episodes;
  std::unique_ptr<Episodes> episodes_;
};

}  // namespace sosie
