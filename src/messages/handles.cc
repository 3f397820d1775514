#include <algorithm>

#include <fmt/format.h>

#include "messages/mapping.h"

namespace sosie::messages {
namespace {

constexpr auto remembered_for = std::chrono::seconds(5);
constexpr std::size_t most_strangers = 4096;

}  // namespace

std::uint32_t* Handles::row(std::string_view device) {
  const auto known = rows_.find(device);
  if (known != rows_.end()) return handles_.data() + known->second;
  const std::size_t begin = handles_.size();
  rows_.emplace(device, begin);
  handles_.resize(begin + attributes_, unknown);
  return handles_.data() + begin;
}

void Handles::forget_stranger(std::string_view device) {
  const auto known = rows_.find(device);
  if (known == rows_.end() || known->second + attributes_ != handles_.size()) return;
  const auto begin = handles_.begin() + static_cast<std::ptrdiff_t>(known->second);
  if (std::any_of(begin, handles_.end(), [](auto handle) { return handle != unknown; })) return;
  handles_.erase(begin, handles_.end());
  rows_.erase(known);
}

const std::string* Strangers::find(const std::string& name) {
  if (reasons_.empty()) return nullptr;
  if (stopwatch() - since_ > remembered_for) reasons_.clear();
  const auto known = reasons_.find(name);
  return known == reasons_.end() ? nullptr : &known->second;
}

void Strangers::add(const std::string& name, std::string reason) {
  if (reasons_.empty() || reasons_.size() >= most_strangers) {
    reasons_.clear();
    since_ = stopwatch();
  }
  reasons_.emplace(name, std::move(reason));
}

Result<SeriesId> find_series(Names& names, Strangers& strangers, std::string_view entity,
                             std::string_view attribute) {
  const auto name = fmt::format("{}\n{}", entity, attribute);
  if (const auto* reason = strangers.find(name)) return Error{Errc::not_found, *reason};
  auto found = names.series(entity, attribute);
  if (!found) strangers.add(name, found.error().what);
  return found;
}

}  // namespace sosie::messages
