#include "connectors/simulator/config.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/in_clear.h"

namespace sosie {
namespace {

Result<Duration> span_from(Section& section, std::string_view key, Duration otherwise) {
  const auto span = TRY(section.duration(key, otherwise));
  if (span < Duration::zero() || span > std::chrono::hours(24 * 366)) {
    return section.wrong(key, "must be from 0s to 366d");
  }
  return span;
}

Result<FirstFault> first_fault_from(Section& section, const Plant& plant, Duration history) {
  std::vector<std::string_view> names;
  for (const FaultType& type : plant.fault_types()) names.push_back(type.name);
  FirstFault fault;
  fault.order.fault = TRY(section.text("name"));
  if (std::ranges::find(names, fault.order.fault) == names.end()) {
    return section.wrong_choice("name", fault.order.fault, names);
  }
  fault.order.target = TRY(section.text("target", ""));
  if (section.raw("size") != nullptr) {
    fault.order.size = TRY(section.number("size"));
  }
  if (section.raw("lasts") != nullptr) {
    fault.order.lasts = TRY(section.duration("lasts", {}));
  }
  fault.ago = TRY(section.duration("ago", std::chrono::hours(1)));
  if (fault.ago < Duration::zero() || fault.ago > history) {
    return section.wrong("ago", "must lie within the history");
  }
  TRY(section.finish());
  return fault;
}

}  // namespace

Result<SimulatorConfig> SimulatorConfig::read(Section& section) {
  SimulatorConfig config;
  static_cast<PlantLife&>(config) = TRY(PlantLife::read(section));
  config.history = TRY(span_from(section, "history", config.history));
  config.commissioning = TRY(span_from(section, "commissioning", config.commissioning));
  if (section.has("send_to")) {
    const auto text = TRY(section.text("send_to"));
    auto address = context::read_address(text);
    if (!address) return section.wrong("send_to", address.error().what);
    address->token = TRY(section.secret("token"));
    if (address->base.starts_with("http://")) {
      warn_of_clear(section, "send_to", address->token, address->base.substr(7), "ngsi+https://");
    }
    config.send_to = std::move(*address);
  }
  return config;
}

Result<void> SimulatorConfig::read_faults(Section& section, const Plant& plant) {
  auto parts = TRY(section.tables("fault"));
  for (auto& part : parts) {
    auto fault = TRY(first_fault_from(part, plant, history));
    first_faults.push_back(std::move(fault));
  }
  std::ranges::stable_sort(first_faults, std::ranges::greater(), &FirstFault::ago);
  return {};
}

}  // namespace sosie
