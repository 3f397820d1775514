#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "twin/jexl/transforms.h"

namespace sosie::ngsi::jexl {

namespace {

template <double (*Function)(double)>
std::optional<Value> of_number(const Call& call) {
  if (call.number(0) == nullptr) return std::nullopt;
  return finite(Function(*call.number(0)));
}

double floor_of(double x) {
  return std::floor(x);
}
double ceil_of(double x) {
  return std::ceil(x);
}
double round_of(double x) {
  return std::round(x);
}
double trunc_of(double x) {
  return std::trunc(x);
}
double log_of(double x) {
  return std::log(x);
}
double log10_of(double x) {
  return std::log10(x);
}
double log2_of(double x) {
  return std::log2(x);
}
double sqrt_of(double x) {
  return std::sqrt(x);
}

std::optional<Value> to_fixed(const Call& call) {
  constexpr double most_digits = 15;
  const double* digits = call.number(1);
  if (call.number(0) == nullptr || digits == nullptr || *digits < 0 || *digits > most_digits) {
    return std::nullopt;
  }
  // The decimals of the number as it is held: 0.85 is a little less than that, so 0.8.
  return to_number(fmt::format("{:.{}f}", *call.number(0), static_cast<int>(*digits)));
}

std::optional<Value> is_nan(const Call& call) {
  return call.number(0) == nullptr;
}

std::optional<double> parse_number(const Call& call) {
  if (call.number(0) != nullptr) return *call.number(0);
  return call.text(0) == nullptr ? std::nullopt : to_number(trim(*call.text(0)));
}

std::optional<Value> parse_float(const Call& call) {
  const auto number = parse_number(call);
  return number ? std::optional<Value>(*number) : std::nullopt;
}

std::optional<Value> parse_integer(const Call& call) {
  const auto number = parse_number(call);
  return number ? std::optional<Value>(std::trunc(*number)) : std::nullopt;
}

std::optional<Value> type_of(const Call& call) {
  switch (call.input().kind()) {
    case Kind::null:
      return "Null";
    case Kind::number:
      return "Number";
    case Kind::text:
      return "String";
    case Kind::object:
      return "Object";
    case Kind::array:
      return "Array";
    case Kind::boolean:
      return "Boolean";
  }
  return std::nullopt;
}

constexpr auto number_table = std::to_array<NamedTransform>({
    {"floor", of_number<floor_of>},
    {"ceil", of_number<ceil_of>},
    {"round", of_number<round_of>},
    {"trunc", of_number<trunc_of>},
    {"log", of_number<log_of>},
    {"log10", of_number<log10_of>},
    {"log2", of_number<log2_of>},
    {"sqrt", of_number<sqrt_of>},
    {"toFixed", to_fixed},
    {"isNaN", is_nan},
    {"parseInt", parse_integer},
    {"parseFloat", parse_float},
    {"typeOf", type_of},
    // as the IoT Agents spell them
    {"tofixed", to_fixed},
    {"isnan", is_nan},
    {"parseint", parse_integer},
    {"parsefloat", parse_float},
});

}  // namespace

std::span<const NamedTransform> number_transforms() {
  return number_table;
}

}  // namespace sosie::ngsi::jexl
