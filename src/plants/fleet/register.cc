#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "plants/fleet/devices.h"

namespace sosie::fleet {

Register::Register(std::size_t devices, const std::array<double, kinds>& weights) {
  double total = 0;
  for (const double weight : weights) total += weight;
  double so_far = 0;
  for (std::size_t i = 0; i < kinds; ++i) {
    so_far += weights.at(i);
    first_.at(i + 1) =
        static_cast<std::size_t>(std::ceil(static_cast<double>(devices) * so_far / total - 1e-9));
  }
  for (std::size_t most = 10000; most <= devices; most *= 10) ++digits_;
}

std::size_t Register::count(DeviceKind kind) const {
  const auto i = static_cast<std::size_t>(kind);
  return first_.at(i + 1) - first_.at(i);
}

DeviceKind Register::kind(std::size_t device) const {
  const auto* const after = std::ranges::upper_bound(first_, device);
  return static_cast<DeviceKind>(after - first_.begin() - 1);
}

std::string Register::name(std::size_t device) const {
  const auto of = static_cast<std::size_t>(kind(device));
  return fmt::format("{}-{:0{}}", traits.at(of).name, device - first_.at(of) + 1, digits_);
}

Result<std::size_t> Register::find(std::string_view name) const {
  const auto dash = name.rfind('-');
  const auto number =
      dash == std::string_view::npos ? std::nullopt : to_integer(name.substr(dash + 1));
  for (std::size_t i = 0; number && i < kinds; ++i) {
    if (name.substr(0, dash) != traits.at(i).name) continue;
    const auto of_kind = first_.at(i + 1) - first_.at(i);
    if (*number < 1 || static_cast<std::size_t>(*number) > of_kind) break;
    const auto device = first_.at(i) + static_cast<std::size_t>(*number) - 1;
    if (this->name(device) == name) return device;
  }
  return Error{Errc::not_found, fmt::format("'{}' is no device; expected {} to {}", name,
                                            this->name(0), this->name(size() - 1))};
}

}  // namespace sosie::fleet
