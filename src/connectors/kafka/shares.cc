#include "connectors/kafka/shares.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::kafka {
namespace {

constexpr std::string_view rewind_format = "sosie/2";
constexpr std::string_view format_without_terms = "sosie/1";
constexpr int marks_in_past = 64;  ///< so much of the past is read too much, at most: a 64th

}  // namespace

std::string Rewind::text() const {
  return fmt::format("{} {} {} {} {}", rewind_format, offset, since.time_since_epoch().count(),
                     term, told);
}

std::optional<Rewind> Rewind::from(std::string_view text) {
  const auto parts = split(text, ' ');
  const bool has_terms = parts.size() == 5 && parts[0] == rewind_format;
  if (!has_terms && (parts.size() != 3 || parts[0] != format_without_terms)) return std::nullopt;
  const auto offset = to_integer(parts[1]);
  const auto since = to_integer(parts[2]);
  const auto term = has_terms ? to_integer(parts[3]) : std::int64_t{0};
  const auto told = has_terms ? to_integer(parts[4]) : std::int64_t{0};
  if (!offset || !since || !term || !told || *term < 0 || *told < 0) return std::nullopt;
  return Rewind{*offset, Timestamp(Duration(*since)), static_cast<std::uint64_t>(*term),
                static_cast<std::uint64_t>(*told)};
}

bool is_move(const Handover& handover) {
  return handover.what == Handover::What::comes || handover.what == Handover::What::is_here ||
         handover.what == Handover::What::goes;
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
  if (marks_.empty()) return {next, since, term, term};
  return {marks_.front().first, std::max(since, marks_.back().newest - looks_back), term, term};
}

void Share::come(std::int64_t first_new, const Rewind& from) {
  is_held = true;
  is_away = false;
  is_coming = true;
  live = first_new;
  since = from.since;
  term = from.term;
  told = from.told;
  marks_.clear();
}

std::uint32_t Shares::find(const Partition& partition) {
  return named(fmt::format("{}/{}", partition.topic, partition.number));
}

std::uint32_t Shares::named(const std::string& name) {
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

const Share* Shares::of(SeriesId series) const {
  const auto home = series.index < homes_.size() ? homes_[series.index] : none;
  return home == none || !shares_[home].is_held ? nullptr : &shares_[home];
}

}  // namespace sosie::kafka
