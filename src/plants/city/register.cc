#include "plants/city/register.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::city {

Register::Register(std::size_t objects, const std::array<double, kinds>& weights) {
  double total = 0;
  for (const double weight : weights) total += weight;
  double so_far = 0;
  for (std::size_t i = 0; i < kinds; ++i) {
    so_far += weights.at(i);
    first_.at(i + 1) =
        static_cast<std::size_t>(std::ceil(static_cast<double>(objects) * so_far / total - 1e-9));
    first_sensor_.at(i + 1) =
        first_sensor_.at(i) + (first_.at(i + 1) - first_.at(i)) * traits.at(i).width;
  }
  for (std::size_t most = 10000; most <= objects; most *= 10) ++digits_;
}

ObjectKind Register::kind(std::size_t object) const {
  const auto* const after = std::ranges::upper_bound(first_, object);
  return static_cast<ObjectKind>(after - first_.begin() - 1);
}

std::size_t Register::sensor_of(std::size_t object) const {
  const ObjectKind of = kind(object);
  return first_sensor_[index(of)] + (object - first(of)) * traits_of(of).width;
}

Register::Sensor Register::sensor(std::size_t number) const {
  const auto* const after = std::ranges::upper_bound(first_sensor_, number);
  const auto of = static_cast<std::size_t>(after - first_sensor_.begin() - 1);
  const std::size_t at = number - first_sensor_.at(of);
  const Traits& kind = traits.at(of);
  return {first_.at(of) + at / kind.width, kind.shows.at(at % kind.width)};
}

std::string Register::name(std::size_t object) const {
  const ObjectKind of = kind(object);
  return fmt::format("{}-{:0{}}", traits_of(of).name, object - first(of) + 1, digits_);
}

Result<std::size_t> Register::find(std::string_view name) const {
  const auto dash = name.rfind('-');
  const auto number = dash == name.npos ? std::nullopt : to_integer(name.substr(dash + 1));
  for (std::size_t i = 0; number && i < kinds; ++i) {
    const auto of = static_cast<ObjectKind>(i);
    if (name.substr(0, dash) != traits_of(of).name) continue;
    if (*number < 1 || static_cast<std::size_t>(*number) > count(of)) break;
    const auto object = first(of) + static_cast<std::size_t>(*number) - 1;
    if (this->name(object) == name) return object;
  }
  return Error{Errc::not_found, fmt::format("'{}' is no object; expected {} to {}", name,
                                            this->name(0), this->name(size() - 1))};
}

}  // namespace sosie::city
