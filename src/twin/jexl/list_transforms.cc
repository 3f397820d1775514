#include <algorithm>
#include <array>
#include <cmath>

#include "twin/jexl/transforms.h"

namespace sosie::ngsi::jexl {

namespace {

/// The choice that stands where `values` holds the input.
std::optional<Value> map_one_to_one(const Call& call, Kind kind) {
  const Array* values = call.array(1);
  const Array* choices = call.array(2);
  if (call.input().kind() != kind || values == nullptr || choices == nullptr ||
      values->size() != choices->size()) {
    return std::nullopt;
  }
  const auto found = std::ranges::find(*values, call.input());
  if (found == values->end()) return std::nullopt;
  return (*choices)[static_cast<std::size_t>(found - values->begin())];
}

std::optional<Value> mapper(const Call& call) {
  return map_one_to_one(call, Kind::text);
}
std::optional<Value> number_mapper(const Call& call) {
  return map_one_to_one(call, Kind::number);
}

bool are_numbers(const Array& items) {
  return std::ranges::all_of(items, [](const Value& item) { return item.number() != nullptr; });
}

/// The choice between the thresholds that the input lies between.
std::optional<Value> threshold_mapper(const Call& call) {
  const Array* thresholds = call.array(1);
  const Array* choices = call.array(2);
  if (call.number(0) == nullptr || thresholds == nullptr || choices == nullptr ||
      choices->size() != thresholds->size() + 1 || !are_numbers(*thresholds)) {
    return std::nullopt;
  }
  const auto above = std::ranges::find_if(
      *thresholds, [&](const Value& threshold) { return *call.number(0) < *threshold.number(); });
  return (*choices)[static_cast<std::size_t>(above - thresholds->begin())];
}

std::optional<Value> values_of(const Call& call) {
  const Object* members = call.input().object();
  if (members == nullptr) return std::nullopt;
  Array values;
  for (const Member& member : *members) values.push_back(member.value);
  return values;
}

std::optional<Value> keys_of(const Call& call) {
  const Object* members = call.input().object();
  if (members == nullptr) return std::nullopt;
  Array keys;
  for (const Member& member : *members) keys.emplace_back(member.key);
  return keys;
}

std::optional<Value> sum(const Call& call) {
  if (call.array(0) == nullptr || !are_numbers(*call.array(0))) return std::nullopt;
  double total = 0;
  for (const Value& item : *call.array(0)) total += *item.number();
  return finite(total);
}

std::optional<Value> average(const Call& call) {
  const auto total = sum(call);
  if (!total || call.array(0)->empty()) return std::nullopt;
  return *total->number() / static_cast<double>(call.array(0)->size());
}

std::optional<Value> length_of_list(const Call& call) {
  if (call.array(0) == nullptr) return std::nullopt;
  return call.array(0)->size();
}

std::optional<Value> is_array(const Call& call) {
  return call.array(0) != nullptr;
}

/// JavaScript's: a negative position counts from the end.
std::size_t from_either_end(double position, std::size_t size) {
  const auto length = static_cast<double>(size);
  const double from_start = position < 0 ? length + position : position;
  return static_cast<std::size_t>(std::clamp(std::trunc(from_start), 0.0, length));
}

std::optional<Value> slice(const Call& call) {
  const Array* items = call.array(0);
  if (items == nullptr || call.number(1) == nullptr) return std::nullopt;
  const std::size_t from = from_either_end(*call.number(1), items->size());
  const std::size_t to =
      call.number(2) == nullptr ? items->size() : from_either_end(*call.number(2), items->size());
  return from < to ? Array(items->begin() + static_cast<std::ptrdiff_t>(from),
                           items->begin() + static_cast<std::ptrdiff_t>(to))
                   : Array();
}

std::optional<Value> add_to_set(const Call& call) {
  if (call.array(0) == nullptr || call.count() < 2) return std::nullopt;
  Array items = *call.array(0);
  if (!contains(items, *call.value(1))) items.push_back(*call.value(1));
  return items;
}

std::optional<Value> remove_from_set(const Call& call) {
  if (call.array(0) == nullptr || call.count() < 2) return std::nullopt;
  Array items = *call.array(0);
  std::erase(items, *call.value(1));
  return items;
}

std::optional<Value> join(const Call& call) {
  if (call.array(0) == nullptr || call.text(1) == nullptr) return std::nullopt;
  std::string out;
  for (const Value& item : *call.array(0)) {
    if (&item != call.array(0)->data()) out += call.text(1)->view();
    out += to_plain_text(item);
    if (out.size() > longest_result) return std::nullopt;
  }
  return out;
}

std::optional<Value> concatenate(const Call& call) {
  if (call.array(0) == nullptr || call.array(1) == nullptr ||
      call.array(0)->size() + call.array(1)->size() > longest_result) {
    return std::nullopt;
  }
  Array items = *call.array(0);
  items.insert(items.end(), call.array(1)->begin(), call.array(1)->end());
  return items;
}

constexpr auto list_table = std::to_array<NamedTransform>({
    {"mapper", mapper},
    {"nMapper", number_mapper},
    {"thMapper", threshold_mapper},
    {"values", values_of},
    {"keys", keys_of},
    {"arrSum", sum},
    {"arrAvg", average},
    // as the IoT Agents spell them
    {"thmapper", threshold_mapper},
    {"addreduce", sum},
    {"lengtharray", length_of_list},
    {"isarray", is_array},
    {"slice", slice},
    {"addset", add_to_set},
    {"removeset", remove_from_set},
    {"joinarrtostr", join},
    {"concatarr", concatenate},
});

}  // namespace

std::span<const NamedTransform> list_transforms() {
  return list_table;
}

}  // namespace sosie::ngsi::jexl
