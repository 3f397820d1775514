#include "connectors/kafka/shares.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::kafka {
namespace {

constexpr std::string_view rewind_format = "sosie/1";
constexpr int marks_in_past = 64;  ///< so much of the past is read too much, at most: a 64th

}  // namespace

std::string Rewind::text() const {
  return fmt::format("{} {} {}", rewind_format, offset, since.time_since_epoch().count());
}

std::optional<Rewind> Rewind::from(std::string_view text) {
  const auto parts = split(text, ' ');
  if (parts.size() != 3 || parts[0] != rewind_format) return std::nullopt;
  const auto offset = to_integer(parts[1]);
  const auto since = to_integer(parts[2]);
  if (!offset || !since) return std::nullopt;
  return Rewind{*offset, Timestamp(Duration(*since))};
}

void Share::note(std::int64_t first, Timestamp newest, Duration looks_back) {
  if (!marks_.empty() && newest - marks_.back().newest < looks_back / marks_in_past) {
    marks_.back().newest = std::max(marks_.back().newest, newest);
  } else {
    marks_.push_back({first, newest});
  }
  const Timestamp oldest = marks_.back().newest - looks_back;
  while (marks_.size() > 1 && marks_.front().newest < oldest) marks_.pop_front();
}

Rewind Share::rewind(Duration looks_back) const {
  if (marks_.empty()) return {next, since};
  return {marks_.front().first, std::max(since, marks_.back().newest - looks_back)};
}

void Share::come(std::int64_t first_new, const Rewind& from) {
  is_held = true;
  is_away = false;
  is_coming = true;
  live = first_new;
  since = from.since;
  marks_.clear();
}

std::uint32_t Shares::find(const Partition& partition) {
  const auto name = fmt::format("{}/{}", partition.topic, partition.number);
  const auto known = std::ranges::find(shares_, name, &Share::name);
  if (known != shares_.end()) return static_cast<std::uint32_t>(known - shares_.begin());
  shares_.emplace_back(name);
  return size() - 1;
}

void Shares::see(std::span<const Reading> readings, std::uint32_t share,
                 std::vector<SeriesId>& news) {
  for (const Reading& reading : readings) {
    const auto index = reading.series.index;
    if (index >= homes_.size()) homes_.resize(index + 1, none);
    if (homes_[index] == share) continue;
    homes_[index] = share;
    news.push_back(reading.series);
  }
}

void Shares::let_go(std::uint32_t share) {
  std::ranges::replace(homes_, share, none);
}

std::string Shares::name_of(SeriesId series) const {
  const auto home = series.index < homes_.size() ? homes_[series.index] : none;
  return home == none || !shares_[home].is_held ? std::string() : shares_[home].name;
}

}  // namespace sosie::kafka
