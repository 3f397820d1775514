#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sosie {

/// What stands before the plant's bytes in what is remembered: the scenario's wishes at that time,
/// and what people had ordered since.
struct Preface {
  std::uint64_t seed = 0;
  double fault_rate = 0;    ///< the scenario's
  std::string weather;      ///< the scenario's
  std::string weather_set;  ///< the one in force

  /// It, and the plant's `state` behind it.
  std::string before(const std::string& state) const;
  /// Takes it off `bytes`; none: they are of another program.
  static std::optional<Preface> take(std::string_view& bytes);
};

}  // namespace sosie
