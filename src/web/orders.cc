#include "web/orders.h"

#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "web/ask.h"

namespace sosie::web {
namespace {

constexpr double max_minutes = 60.0 * 24 * 365;

}  // namespace

Result<FaultOrder> read_fault(const json::Value& object) {
  FaultOrder order;
  order.fault = TRY(member_text(object, "fault", ""));
  order.target = TRY(member_text(object, "target", ""));
  order.size = TRY(member_number(object, "size"));
  const auto minutes = TRY(member_number(object, "minutes"));
  if (order.fault.empty()) return Error{Errc::invalid, "'fault' is missing"};
  if (minutes && !(*minutes > 0 && *minutes <= max_minutes)) {
    return Error{Errc::invalid, fmt::format("'minutes' is {}; expected more than 0", *minutes)};
  }
  if (minutes) order.lasts = Duration(std::llround(*minutes * 60e6));
  return order;
}

Result<std::vector<SetpointOrder>> read_setpoints(const json::Value& body) {
  std::vector<SetpointOrder> orders;
  const auto* member = body.find("setpoints");
  if (member == nullptr || member->is_null()) return orders;
  if (member->object() == nullptr) {
    return Error{
        Errc::invalid,
        fmt::format("'setpoints' is {}; expected an object of names and numbers", member->kind())};
  }
  orders.reserve(member->object()->size());
  for (const auto& [name, value] : *member->object()) {
    const auto number = value.number();
    if (!number) {
      return Error{Errc::invalid,
                   fmt::format("setpoint '{}' is {}; expected a number", name, value.kind())};
    }
    orders.push_back({name, *number});
  }
  return orders;
}

}  // namespace sosie::web
