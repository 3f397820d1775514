#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "core/catalog.h"
#include "core/handover.h"
#include "core/operator.h"
#include "core/section.h"
#include "core/series.h"
#include "engine/operator_status.h"
#include "places/zone_set.h"
#include "rules/parts.h"

namespace sosie {

struct NamedOperator {
  std::string name;  ///< "2/window": its place in the scenario, and its kind
  std::string kind;
  std::unique_ptr<Operator> made;
};

/// All `[[operator]]` of a scenario, in its order. Errors: as Catalog::make's; zones that there are
/// not; one that wants what it gives itself, or what a later one gives: a cycle; two that give the
/// same series.
Result<std::vector<NamedOperator>> make_operators(Section& scenario, const Catalog& catalog,
                                                  const places::ZoneSets& zones);

/// Shows readings to the scenario's operators, and what they give to those behind them. While of a
/// part of the devices more lies unread (Handover), what is younger than all that has come of it is
/// held back: an operator that takes several devices together would find that part's too late.
///
/// Threads: the lane's; `status` any.
class OperatorDesk final {
 public:
  static constexpr std::size_t most_operators = 32;
  /// What an earlier life of the program left.
  struct Past {
    std::function<std::optional<Reading>(SeriesId)> last_known;  ///< asked until `end_of_past`
    std::function<std::optional<std::string>(const std::string&)> recall;  ///< what `save` gave
  };
  using Remembered = std::vector<std::pair<std::string, std::string>>;

  OperatorDesk(std::vector<NamedOperator> operators, SeriesTable& series, Past past);

  bool empty() const { return operators_.empty(); }
  bool is_derived(SeriesId series) const {
    return series.index < giver_.size() && giver_[series.index] != from_outside;
  }
  Duration memory() const;

  /// Shows them the series that they have not met.
  void refresh();

  /// Appends what follows to `out`. REQUIRES: refresh has been called since the series was made.
  void take(const Reading& reading, std::vector<Reading>& out) {
    const auto index = reading.series.index;
    if (index < part_of_.size()) parts_.see(part_of_[index], time_of(reading));
    if (index >= takers_.size() || takers_[index] == 0) return;
    if (time_of(reading) > bound_) {
      hold_back(reading);
    } else {
      give(reading, out);
    }
  }
  /// Whether a series says where an object is: of a batch, its readings are to be taken first.
  bool is_place(SeriesId series) const { return reach_of_place(series) > 0; }
  /// As Operator has it.
  double reach_of_place(SeriesId series) const {
    return series.index < reaches_.size() ? reaches_[series.index] : 0;
  }
  void hand_over(const Handover& handover);
  void settle(std::vector<Reading>& out);
  void advance(Timestamp now, std::vector<Reading>& out);

  /// Stored readings, all of each instant: taken, but what follows is stored already.
  void take_again(std::span<const Reading> readings);
  /// Ends the stored past; what the last readings left open goes on from there.
  void end_of_past();

  /// What they have learned, to be kept by key.
  void save(Remembered& out) const;

  std::vector<OperatorStatus> status() const;

 private:
  class Ground;
  static constexpr std::size_t figures = 8;
  using Figures = std::array<std::atomic<std::uint64_t>, figures>;

  static constexpr std::uint8_t from_outside = 0xFF;
  static constexpr std::size_t most_held = std::size_t{1} << 20U;  ///< readings: 24 MiB

  static rules::Micros time_of(const Reading& reading) {
    return reading.at.time_since_epoch().count();
  }
  /// Of one time, where objects are comes first.
  bool is_behind(const Reading& a, const Reading& b) const {
    return a.at != b.at ? a.at > b.at : is_place(b.series) && !is_place(a.series);
  }
  void hold_back(const Reading& reading);
  void release(std::vector<Reading>& out);
  void give(const Reading& reading, std::vector<Reading>& out);
  void show(const Reading& reading, std::vector<Reading>& out);
  void pass_on(std::size_t begin, std::vector<Reading>& out);
  void count();
  void tell_strays(std::size_t of, const OperatorCounts& counts);

  SeriesTable& series_;
  Past past_;
  std::vector<NamedOperator> operators_;
  std::vector<std::uint32_t> takers_;   ///< by series: a bit each operator
  std::vector<float> reaches_;          ///< by series, as long as takers_
  std::vector<std::uint8_t> giver_;     ///< by series: which operator gives it, or none (0xFF)
  std::vector<Reading> known_;          ///< what follows from the past
  std::vector<OperatorCounts> before_;  ///< counted while it was taken again
  std::vector<Figures> counted_;
  std::vector<std::uint64_t> told_strays_;  ///< by operator
  mutable Guarded<std::vector<std::vector<Stray>>> strays_;
  bool has_told_of_twice_ = false;       ///< two of them give the same series
  std::vector<std::string> part_names_;  ///< from 1 on
  std::vector<std::uint16_t> part_of_;   ///< by series; 0: of none
  rules::Parts parts_;
  rules::Micros bound_ = rules::Parts::no_bound;  ///< what is younger is held back
  std::vector<Reading> held_;                     ///< a heap, the oldest first
};

}  // namespace sosie
