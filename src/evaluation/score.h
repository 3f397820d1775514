#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/finding.h"
#include "core/series.h"
#include "simulation/label.h"

namespace sosie {

/// How findings are held against labels. Everything is counted by *events* (episodes), never by
/// rows: a label hit once is found, and is not turned into a thousand right rows ("point adjust",
/// which lets chance look brilliant: Kim et al., AAAI 2022).
struct ScoreOptions {
  /// If set, a finding and a label must also share a sensor: one of the finding's three first
  /// suspects is among the label's direct or consequent series. A label that names none (a
  /// recording's) matches any. The floors are held to the same rule: "random" names three sensors
  /// by chance, the others the three that most labels name (nobody blind can guess better).
  const SeriesTable* series = nullptr;

  /// A finding that is first said up to this long after a label's end still belongs to it: an
  /// effect outlives its cause, and a detector needs a few readings.
  Duration grace = std::chrono::minutes(10);
  std::uint64_t seed = 1;         ///< of the "random" floor
  std::size_t random_runs = 100;  ///< the "random" floor is their mean
};

/// The figures of one way of alarming. None: there was nothing to divide by.
struct Figures {
  std::optional<double> recall;          ///< labels found / labels
  std::optional<double> precision;       ///< true findings / findings
  std::optional<double> f1;              ///< harmonic mean of the two; 0 if both are 0
  std::optional<double> false_per_day;   ///< findings that are not true, per 24 h of the span
  std::optional<double> median_delay_s;  ///< from a found label's start to the first word of it
  std::optional<double> row_accuracy;    ///< share of time in which "alarm" agrees with "label"
  std::optional<double> alarm_share;     ///< share of time under alarm
  /// Share of sensor-time whose state, under a fault or not, is said rightly: a sensor is under a
  /// fault while a label names it, and said to be while a finding names it among its first three
  /// suspects. Needs options.series. Where faults are rare, never alarming comes close to 1.
  std::optional<double> sample_accuracy;
};

struct KindScore {
  Kind kind = Kind::unknown;
  std::size_t labels = 0;         ///< of this kind
  std::size_t found = 0;          ///< by any finding
  std::size_t named_right = 0;    ///< found, and the finding that tells of it says this kind
  std::size_t findings = 0;       ///< that say this kind
  std::size_t true_findings = 0;  ///< of them, those that lie on a label of this kind
  std::optional<double> recall;
  std::optional<double> precision;
  std::optional<double> median_delay_s;
};

/// What could be had without looking at the plant at all.
struct Floor {
  std::string name;  ///< "never alarm", "always alarm", "metronome", "random"
  Figures figures;
};

/// What became of a label.
struct LabelOutcome {
  Timestamp start;
  Kind kind = Kind::unknown;
  bool found = false;
  Kind said = Kind::unknown;  ///< by the finding that tells of it
  double delay_s = 0;
  std::size_t label = 0;            ///< which, of those given
  std::optional<std::size_t> by{};  ///< which finding tells of it, of those given; none: missed
  bool blames_it = false;           ///< that finding's first suspect is what the label broke
};

/// What became of a finding.
struct FindingOutcome {
  Timestamp detected;
  Kind kind = Kind::unknown;
  bool is_true = false;
};

struct Score {
  Timestamp from;
  Timestamp to;
  std::size_t labels = 0;
  std::size_t findings = 0;
  std::size_t found = 0;  ///< labels
  std::size_t true_findings = 0;
  Figures figures;
  std::optional<double> kind_accuracy;  ///< named right / found, over labels whose kind is known
  std::vector<KindScore> kinds;  ///< each kind that a label or a finding has, in Kind's order
  std::vector<LabelOutcome> label_outcomes;      ///< of those that count, in the order given
  std::vector<FindingOutcome> finding_outcomes;  ///< likewise
  std::vector<Floor> floors;
};

/// Whether `finding` is true by `label`, as `score` counts it. One that is open lies on for ever.
bool belongs(const Finding& finding, const Label& label, const ScoreOptions& options);

/// Holds `findings` against `labels` in [from, to).
///
/// A finding lies from `detected` (when people could know; not its guess of the onset) to `closed`,
/// or `to` while it is open. It is *true* if that overlaps some label's [start, end + grace] of the
/// same asset (an asset that is not named matches any), and of the same sensors if
/// options.series is given; a label is *found* if a true finding
/// overlaps it. Of several true ones that one *tells* of a label which lies longest on it; one
/// whose first suspect is what another label broke, and not this, tells of that other one, unless
/// there is no other to tell of this. Only what lies in [from, to), at least in part, is counted;
/// shares of time are of [from, to) alone. What lies outside may still explain what is inside (a
/// label that has just ended), so pass a little more than the span.
///
/// Floors: "never alarm"; "always alarm" (one finding over the whole span); "metronome" (as many
/// findings as there were, of their median length, at even distances); "random" (as many, of the
/// same lengths, at random places; the mean of options.random_runs).
///
/// REQUIRES: a label and a finding are given once each, as they are now. Pure; any thread.
Score score(std::span<const Label> labels, std::span<const Finding> findings, Timestamp from,
            Timestamp to, const ScoreOptions& options = {});

}  // namespace sosie
