#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "statistics/matrix.h"

namespace sosie {

/// What somebody does to values before detectors see them.
struct Attack {
  enum class Kind : std::uint8_t {
    noise,      ///< on all sensors, all the time; size: percent of a sensor's deviation
    dropout,    ///< values lost, of all sensors, all the time; size: percent
    replay,     ///< during an event its sensors show what they showed lately; size: how many
    blind,      ///< during an event its sensors show a calm false value within their range
    white_box,  ///< … what the other sensors let expect: he knows what the detectors know
    insider,    ///< … the same of what the others showed over the last minutes: he knows echo, too
    ramp,       ///< a slow ramp on a sensor where nothing else happens; size: deviations an hour
  };
  Kind kind = Kind::noise;
  double size = 0;
  std::string name;  ///< "noise:10"

  /// Whether it hides events (recall is what it costs), or is one itself.
  bool hides() const { return kind != Kind::ramp; }
  /// All sensors, from its first row to the last.
  bool strikes_all() const { return kind == Kind::noise || kind == Kind::dropout; }
};

/// "noise:10,replay:3", or "all": noise of 5, 10 and 20 %, dropouts of 5 and 20 %, replay, blind
/// and white-box on 1 and 3 sensors, an insider on 1, a ramp of a quarter of a deviation an hour.
/// Errors: what was read, what was expected.
Result<std::vector<Attack>> read_attacks(std::string_view text);

/// What an attacker knows of a system: how its sensors were while nothing was wrong.
///
/// Life: `learn` for each row; `settle`; then read by attackers. Memory: the last `most_rows`
/// rows, and as many of all.
class AttackerView {
 public:
  static constexpr std::size_t most_rows = 4096;
  explicit AttackerView(std::size_t columns) : columns_(columns) {}

  void learn(std::span<const double> values);
  void settle();

  std::size_t columns() const { return columns_; }
  double deviation(std::size_t column) const { return deviation_[column]; }
  /// From one in a hundred to ninety-nine of its values.
  double low(std::size_t column) const { return low_[column]; }
  double high(std::size_t column) const { return high_[column]; }
  /// The change from one value to the next, as a deviation.
  double tremble(std::size_t column) const { return tremble_[column]; }
  /// Inverse of the ridged covariance of standardized columns: what each has to do with the others.
  const Matrix& precision() const { return precision_; }
  double standardized(std::size_t column, double value) const;
  /// `age` rows before learning ended. REQUIRES: age < rows().
  std::span<const double> back(std::size_t age) const { return rows_[rows_.size() - 1 - age]; }
  std::size_t rows() const { return rows_.size(); }
  double mean(std::size_t column) const { return mean_[column]; }

 private:
  double tremble_of(std::size_t column) const;
  void settle_column(std::size_t column);
  void settle_precision();

  std::size_t columns_;
  std::deque<std::vector<double>> rows_;    ///< the last ones, to their last digit
  std::vector<std::vector<float>> sample_;  ///< every `step_`-th
  std::size_t step_ = 1;
  std::size_t seen_ = 0;
  std::vector<double> mean_;
  std::vector<double> deviation_;
  std::vector<double> low_;
  std::vector<double> high_;
  std::vector<double> tremble_;
  Matrix precision_;
};

/// One attack, row by row. Threads: one.
class Attacker {
 public:
  Attacker(Attack attack, const AttackerView& view, std::uint64_t seed = 1);

  /// Changes a row. `event`: counts up while one is on, none: none is. `targets`: the sensors that
  /// it shows on, those that show it most first; he holds as many of them as his size says.
  void change(std::span<double> values, std::optional<std::size_t> event,
              std::span<const std::size_t> targets, double row_s);

  /// The sensors that show what he wants in the row last changed; none where he hides no event.
  std::span<const std::size_t> held() const {
    return event_ ? std::span<const std::size_t>(held_) : std::span<const std::size_t>();
  }

  /// Of a ramp: the sensor that is under one in the row last changed.
  std::optional<std::size_t> ramped() const { return ramped_; }

 private:
  void record(std::span<const double> values);
  void begin_event(std::span<const std::size_t> targets);
  void hide(std::span<double> values);
  bool knows_model() const {
    return attack_.kind == Attack::Kind::white_box || attack_.kind == Attack::Kind::insider;
  }
  void watch(std::span<const double> values);
  void show_expected(std::span<double> values, std::span<const double> others);
  void ramp(std::span<double> values, bool is_event, double row_s);

  Attack attack_;
  const AttackerView& view_;
  Random random_;
  std::optional<std::size_t> event_;
  std::vector<std::size_t> held_;     ///< his sensors in this event
  std::vector<double> false_values_;  ///< of blind: theirs
  Matrix block_;                      ///< of white-box: inverse of P among the held sensors
  /// Of replay: the last rows in which nothing was on, to their last digit.
  std::deque<std::vector<double>> recording_;
  std::size_t played_ = 0;       ///< place in it
  std::vector<double> watched_;  ///< of insider: means of what each column showed lately
  std::optional<std::size_t> ramped_;
  double ramp_s_ = 0;  ///< it has lasted
  double rest_s_ = 0;  ///< until the next
};

}  // namespace sosie
