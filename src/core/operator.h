#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/reading.h"
#include "core/series.h"
#include "core/zoning.h"

namespace sosie {

/// What an operator counts of its work.
struct OperatorCounts {
  std::uint64_t taken = 0;     ///< readings that counted somewhere
  std::uint64_t given = 0;     ///< derived readings, amendments included
  std::uint64_t amended = 0;   ///< of these: given before with what had come by then
  std::uint64_t too_late = 0;  ///< counted nowhere
  std::uint64_t bad = 0;       ///< left out for their quality
  std::uint64_t outside = 0;   ///< of objects that stand in no zone
  std::uint64_t swapped = 0;   ///< of these: in one if latitude and longitude were exchanged
  std::uint64_t nowhere = 0;   ///< of objects at (0, 0), or that have never said where they are
  std::uint64_t strays = 0;    ///< objects that these were, each again once it has been in a zone
};

/// An object that stands where no zone is, while its values come.
struct Stray {
  enum class What : std::uint8_t { outside, swapped, nowhere };
  std::string object;
  What what = What::outside;
  bool has_place = false;  ///< else it has never said where it is
  double longitude = 0;    ///< as it said
  double latitude = 0;
  Timestamp at;  ///< of the value that could not be put into a zone
};

/// What an operator may ask of the engine when it meets a series.
class OperatorGround {
 public:
  virtual ~OperatorGround() = default;

  /// The id of a series that this operator gives. It belongs to it from now on.
  virtual SeriesId declare(const SeriesInfo& info) = 0;

  /// Whether an operator gives it; else a source does.
  virtual bool is_derived(SeriesId series) const = 0;

  /// Its newest stored reading, from an earlier life of the program.
  virtual std::optional<Reading> last_known(SeriesId series) = 0;
};

/// Readings in, readings out: a window, a mean of a district, a deviation from normal. What it
/// gives are series like any other: kept, judged, charted, passed on.
///
/// Life: made from the scenario's `[[operator]]`; `begin` once; `meet` for each series, then `take`
/// for each of its readings. An operator takes what sources bring and what operators before it in
/// the scenario give, so there is no cycle.
/// Threads: one, the lane's; no locks needed. But `begin`, `takes`, `gives` and `memory` may be
/// called earlier, by the thread that makes it.
/// Budget: 100 ns in `take`; it may not block, log, allocate or touch a text for each reading.
class Operator {
 public:
  virtual ~Operator() = default;

  /// The zones of the scenario, which outlive it. Errors: invalid, it needs one that is not there.
  virtual Result<void> begin(const std::vector<const Zoning*>& /*zonings*/) { return {}; }

  /// Patterns of names of the series that it takes ("*.temperature"), to find cycles by.
  virtual std::vector<std::string> takes() const = 0;
  /// Whether it may give series with this attribute.
  virtual bool gives(std::string_view attribute) const = 0;

  /// Series that it gives, as far as the scenario says them: one of `takes()`, and the pattern of
  /// names of what is made of its series. Empty: not known before they come.
  struct Made {
    std::string from;
    std::string name;
  };
  virtual std::vector<Made> makes() const { return {}; }

  /// Where several series are counted as one: what comes so much later than the youngest of them
  /// still counts. None: no series is late by another's clock.
  virtual std::optional<Duration> lateness() const { return std::nullopt; }

  /// So much of the past says all about the present: it is taken again after a restart, and what
  /// comes out then is known already.
  virtual Duration memory() const = 0;

  /// A series that it does not know yet. Readings of what it has not met never reach it.
  /// True: it takes its readings.
  virtual bool meet(SeriesId series, const SeriesInfo& info, OperatorGround& ground) = 0;

  /// Of a series that says where an object is: how far from 0 its values may be, in degrees; 0: it
  /// says something else. Of a batch they are taken first, so that what an object says lies where
  /// it was then, in whatever order a message has its fields.
  virtual double reach_of_place(SeriesId /*series*/) const { return 0; }

  /// Appends to `out` what follows from `reading`. Times of one series need not be in order.
  virtual void take(const Reading& reading, std::vector<Reading>& out) = 0;

  /// Ends a batch: what late readings have changed is appended once.
  virtual void settle(std::vector<Reading>& /*out*/) {}

  /// Nothing has come for a while, and it is certainly `now` in event time.
  virtual void advance(Timestamp /*now*/, std::vector<Reading>& /*out*/) {}

  /// What was learned and is not in the recent past, as bytes; empty: nothing to keep. By series
  /// *name*, not by id.
  virtual std::string save() const { return {}; }
  /// Before `meet`: takes over what `save` gave. Errors: corrupt, unsupported.
  virtual Result<void> load(std::string_view /*learned*/) { return {}; }

  virtual OperatorCounts counts() const = 0;
  /// The last that `counts().strays` has counted, the newest last.
  virtual std::vector<Stray> strays() const { return {}; }
};

/// Whether `pattern` means a series: one of its entity, or one by name.
///
/// What operators give is meant only where the attribute, behind the last dot, has no wildcards:
/// "*.noise_5m_mean" means it, "*" and "truck-*" do not.
bool is_meant(std::string_view pattern, const SeriesInfo& info, bool is_derived);

}  // namespace sosie
