#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_text.h"
#include "core/frame.h"

namespace sosie {

/// What is ordinary for each series at each local hour of the day: the band that holds 99 % of its
/// values (0.5 % below, 0.5 % above), learned from its own history.
///
/// Life: `begin`; `learn` for each frame of the learning period; `settle`, or `load`. Bands do not
/// change between two `settle`s.
/// Threads: `begin`, `learn`, `settle`, `load` on one thread, with nobody reading meanwhile; `band`
/// on any.
class NormalProfile {
 public:
  static constexpr std::size_t hours = 24;

  struct Band {
    double low = 0;
    double high = 0;
    bool operator==(const Band&) const = default;
  };

  explicit NormalProfile(Zone zone);

  /// Also called when the asset has got more series; the columns known so far keep their places.
  void begin(const AssetColumns& columns);

  /// Takes at most one value a series a minute. An hour with few values is judged together with
  /// its neighbours; a fault of a few minutes does not widen the band.
  void learn(const Frame& frame);
  void settle();

  /// The band of `column` at the local `hour` (0..23); none while nothing is known of it.
  std::optional<Band> band(std::uint32_t column, std::size_t hour) const;

  /// All bands as bytes, by series name.
  std::string save() const;
  Result<void> load(std::string_view bytes);

 private:
  using Day = std::array<std::optional<Band>, hours>;
  /// What `save` wrote of one column; nothing where that is no day.
  static std::optional<Day> day_of(std::span<const double> numbers);

  /// A uniform sample of one hour's values (Vitter: Random Sampling with a Reservoir, 1985).
  struct Reservoir {
    std::vector<float> values;
    std::uint32_t seen = 0;
  };
  struct Column {
    std::string name;
    std::array<Reservoir, hours> samples;
    Day day;
  };

  static void settle(Column& column);

  Zone zone_;
  std::vector<Column> columns_;
  Timestamp last_;
  std::uint64_t draws_ = 0;  ///< of the reservoirs' own chance
};

}  // namespace sosie
