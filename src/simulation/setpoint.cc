#include "simulation/setpoint.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie {

Result<std::size_t> find_setpoint(std::span<const Setpoint> all, std::string_view name,
                                  double value) {
  if (all.empty()) {
    return Error{Errc::not_found, fmt::format("setpoint '{}': this plant has none", name)};
  }
  const auto found = std::ranges::find(all, name, &Setpoint::name);
  if (found == all.end()) {
    std::vector<std::string_view> names;
    names.reserve(all.size());
    for (const Setpoint& one : all) names.push_back(one.name);
    const auto near = nearest(name, names);
    return Error{
        Errc::not_found,
        fmt::format("setpoint '{}' where one of {} was expected{}", name, fmt::join(names, ", "),
                    near ? fmt::format("; did you mean '{}'?", *near) : std::string())};
  }
  if (!(value >= found->low && value <= found->high)) {
    return Error{Errc::invalid,
                 fmt::format("setpoint {} is {:g} where {:g} to {:g} {} was expected", name, value,
                             found->low, found->high, found->unit)};
  }
  return static_cast<std::size_t>(found - all.begin());
}

}  // namespace sosie
