#include <array>
#include <chrono>
#include <cmath>

#include "twin/jexl/transforms.h"
#include "twin/model/date.h"

namespace sosie::ngsi::jexl {

namespace {

constexpr double first_second = -62135596800;  ///< 0001-01-01
constexpr double last_second = 253402300799;   ///< 9999-12-31T23:59:59

double seconds_of(Timestamp at) {
  return static_cast<double>(
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

std::optional<Timestamp> instant(double seconds) {
  if (seconds < first_second || seconds > last_second) return std::nullopt;
  return Timestamp(std::chrono::duration_cast<Duration>(
      std::chrono::milliseconds(static_cast<std::int64_t>(std::floor(seconds * 1000)))));
}

std::optional<Value> now(const Call& call) {
  if (call.number(0) == nullptr) return std::nullopt;
  return finite(seconds_of(call.now()) + *call.number(0));
}

/// With "+00:00", and without fractions, as Orion prints it.
std::optional<Value> to_iso_string(const Call& call) {
  const auto at = call.number(0) == nullptr ? std::nullopt : instant(*call.number(0));
  if (!at) return std::nullopt;
  return print_date(*at).substr(0, std::string_view("2024-07-10T10:22:29").size()) + "+00:00";
}

std::optional<Value> get_time(const Call& call) {
  const auto at = call.text(0) == nullptr ? std::nullopt : parse_date(*call.text(0));
  if (!at) return std::nullopt;
  return seconds_of(*at);
}

/// The IoT Agents count milliseconds.
std::optional<Value> to_iso_date(const Call& call) {
  const auto at = call.number(0) == nullptr ? std::nullopt : instant(*call.number(0) / 1000);
  if (!at) return std::nullopt;
  return print_date(*at);
}

std::optional<Value> get_time_ms(const Call& call) {
  const auto at = call.text(0) == nullptr ? std::nullopt : parse_date(*call.text(0));
  if (!at) return std::nullopt;
  return std::chrono::floor<std::chrono::milliseconds>(*at).time_since_epoch().count();
}

constexpr auto time_table = std::to_array<NamedTransform>({
    {"now", now},
    {"toIsoString", to_iso_string},
    {"getTime", get_time},
    // as the IoT Agents spell them
    {"toisodate", to_iso_date},
    {"toisostring", to_iso_date},
    {"gettime", get_time_ms},
});

}  // namespace

std::span<const NamedTransform> time_transforms() {
  return time_table;
}

}  // namespace sosie::ngsi::jexl
