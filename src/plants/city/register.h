#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/series.h"
#include "plants/city/kinds.h"

namespace sosie::city {

/// How many objects there are of each kind, what they are called ("noise-0017", numbered from 1
/// within their kind, with as many digits as the city needs but four at least), and which of the
/// plant's sensors are theirs.
class Register {
 public:
  /// `weights`: the mix; the first kinds get what rounding leaves. REQUIRES: one above 0.
  Register(std::size_t objects, const std::array<double, kinds>& weights);

  std::size_t size() const { return first_.back(); }
  std::size_t sensors() const { return first_sensor_.back(); }
  std::size_t first(ObjectKind kind) const { return first_[index(kind)]; }
  std::size_t count(ObjectKind kind) const { return first_[index(kind) + 1] - first(kind); }
  ObjectKind kind(std::size_t object) const;
  /// Of the object's first sensor.
  std::size_t sensor_of(std::size_t object) const;

  struct Sensor {
    std::size_t object = 0;
    Quantity quantity = Quantity::laeq;
  };
  Sensor sensor(std::size_t number) const;

  std::string name(std::size_t object) const;
  /// Errors: no object of that name.
  Result<std::size_t> find(std::string_view name) const;

 private:
  static std::size_t index(ObjectKind kind) { return static_cast<std::size_t>(kind); }

  std::array<std::size_t, kinds + 1> first_{};         ///< index of each kind's first object
  std::array<std::size_t, kinds + 1> first_sensor_{};  ///< and of its first sensor
  int digits_ = 4;
};

/// "noise-0017.laeq".
inline std::string series_name(const Register& names, std::size_t object, Quantity quantity) {
  return names.name(object) + "." + about_of(quantity).attribute;
}

}  // namespace sosie::city
