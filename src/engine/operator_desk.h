#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/catalog.h"
#include "core/operator.h"
#include "core/section.h"
#include "core/series.h"
#include "engine/operator_status.h"
#include "places/zone_set.h"

namespace sosie {

struct NamedOperator {
  std::string name;  ///< "2/window": its place in the scenario, and its kind
  std::string kind;
  std::unique_ptr<Operator> made;
};

/// All `[[operator]]` of a scenario, in its order. Errors: as Catalog::make's; zones that there are
/// not; one that wants what it gives itself, or what a later one gives: a cycle.
Result<std::vector<NamedOperator>> make_operators(Section& scenario, const Catalog& catalog,
                                                  const places::ZoneSets& zones);

/// Shows readings to the scenario's operators, and what they give to those behind them.
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
  Duration memory() const;

  /// Shows them the series that they have not met.
  void refresh();

  /// Appends what follows to `out`. REQUIRES: refresh has been called since the series was made.
  void take(const Reading& reading, std::vector<Reading>& out) {
    if (reading.series.index < takers_.size() && takers_[reading.series.index] != 0) {
      give(reading, out);
    }
  }
  void settle(std::vector<Reading>& out);
  void advance(Timestamp now, std::vector<Reading>& out);

  /// A stored reading: taken, but what follows is stored already.
  void take_again(const Reading& reading);
  /// Ends the stored past; what the last readings left open goes on from there.
  void end_of_past();

  /// What they have learned, to be kept by key.
  void save(Remembered& out) const;

  std::vector<OperatorStatus> status() const;

 private:
  class Ground;
  static constexpr std::size_t figures = 8;
  using Figures = std::array<std::atomic<std::uint64_t>, figures>;

  void give(const Reading& reading, std::vector<Reading>& out);
  void show(const Reading& reading, std::vector<Reading>& out);
  void pass_on(std::size_t begin, std::vector<Reading>& out);
  void count();

  SeriesTable& series_;
  Past past_;
  std::vector<NamedOperator> operators_;
  std::vector<std::uint32_t> takers_;   ///< by series: a bit each operator
  std::vector<std::uint8_t> giver_;     ///< by series: which operator gives it, or none (0xFF)
  std::vector<Reading> known_;          ///< what follows from the past
  std::vector<OperatorCounts> before_;  ///< counted while it was taken again
  std::vector<Figures> counted_;
  std::uint64_t warned_swapped_ = 0;
};

}  // namespace sosie
