#include "engine/limit_book.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie {
namespace {

constexpr std::size_t most_kept = 1000;
constexpr std::array<std::string_view, 4> from_low_to_high{"low_low", "low", "high", "high_high"};

/// No part of a line may break it.
std::string on_one_line(std::string_view text) {
  std::string line(trim(text));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return line;
}

std::size_t rank(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(from_low_to_high, name) -
                                  from_low_to_high.begin());
}

}  // namespace

double LimitBook::in_force(const SeriesLimit& limit) const {
  const auto moved = moved_.find({limit.series, std::string(limit.name)});
  return moved == moved_.end() ? limit.value : moved->second.value;
}

/// low_low < low < high < high_high, as in a scenario.
Result<void> LimitBook::check_order(std::span<const SeriesLimit> limits, const Act& act,
                                    double to) const {
  for (const SeriesLimit& other : limits) {
    if (other.series != act.series || other.name == act.name) continue;
    const bool is_above = rank(other.name) > rank(act.name);
    const double value = in_force(other);
    if (is_above ? to < value : to > value) continue;
    return Error{Errc::invalid,
                 fmt::format("{} where {} {} = {} was expected", to,
                             is_above ? "less than" : "more than", other.name, value)};
  }
  return {};
}

Result<LimitChange> LimitBook::change(std::span<const SeriesLimit> limits, const Act& act) {
  const auto known = std::ranges::find_if(limits, [&](const SeriesLimit& limit) {
    return limit.series == act.series && limit.name == act.name;
  });
  if (known == limits.end()) {
    return Error{Errc::not_found, fmt::format("the series has no limit '{}'", act.name)};
  }
  if (trim(act.who).empty()) {
    return Error{Errc::invalid, "'who' is missing: the name of a person"};
  }
  const Key key{act.series, act.name};
  const auto moved = moved_.find(key);
  const double scenario =
      moved != moved_.end() ? moved->second.scenario : known->scenario.value_or(known->value);
  const double to = act.value.value_or(scenario);
  if (!std::isfinite(to)) return Error{Errc::invalid, "a limit is a number"};
  TRY(check_order(limits, act, to));
  LimitChange change{.series = act.series,
                     .name = act.name,
                     .from = in_force(*known),
                     .to = to,
                     .is_reset = !act.value,
                     .at = act.at,
                     .who = on_one_line(act.who),
                     .comment = on_one_line(act.comment)};
  if (to == scenario) {
    moved_.erase(key);
  } else {
    moved_.insert_or_assign(key, Moved{to, scenario});
  }
  log_.push_back(change);
  if (log_.size() > most_kept) log_.erase(log_.begin());
  return change;
}

Result<std::vector<LimitOrder>> LimitBook::begin_with(const LimitWish& wish,
                                                      std::span<const SeriesLimit> limits,
                                                      const SeriesTable& series, Timestamp at) {
  std::vector<LimitOrder> orders;
  std::string known;
  for (const SeriesLimit& limit : limits) {
    const SeriesInfo& info = series[limit.series];
    const bool is_meant =
        wish.series.empty() || wish.series == info.name() || wish.series == info.entity;
    if (limit.name != wish.name || !is_meant) {
      known += fmt::format("{}{}:{}", known.empty() ? "" : ", ", info.name(), limit.name);
      continue;
    }
    orders.push_back({limit.series, wish.name, wish.value});
    if (in_force(limit) == wish.value) continue;
    TRY(change(limits, {limit.series, wish.name, wish.value, "command line", "--limit", at}));
  }
  if (!orders.empty()) return orders;
  return Error{Errc::not_found, fmt::format("the scenario has no limit '{}{}{}'; it has {}",
                                            wish.series, wish.series.empty() ? "" : ":", wish.name,
                                            known.empty() ? "none" : known)};
}

std::vector<std::pair<std::string, std::string>> LimitBook::bytes(const SeriesTable& series) const {
  std::string in_force;
  for (const auto& [key, moved] : moved_) {
    const SeriesInfo& info = series[key.first];
    in_force += fmt::format("{}\t{}\t{}\t{}\t{}\n", info.entity, info.attribute, key.second,
                            moved.value, moved.scenario);
  }
  std::string log;
  for (const LimitChange& c : log_) {
    const SeriesInfo& info = series[c.series];
    log += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", info.entity, info.attribute, c.name,
                       c.from, c.to, c.is_reset ? 1 : 0, c.at.time_since_epoch().count(), c.who,
                       c.comment);
  }
  return {{std::string(in_force_key), std::move(in_force)}, {std::string(log_key), std::move(log)}};
}

void LimitBook::restore(std::string_view in_force, std::string_view log,
                        const SeriesTable& series) {
  for (const auto line : split(in_force, '\n')) {
    const auto parts = split(line, '\t');
    if (parts.size() != 5) continue;
    const auto id = series.find(parts[0], parts[1]);
    const auto value = to_number(parts[3]);
    const auto scenario = to_number(parts[4]);
    if (id && value && scenario) moved_[{*id, std::string(parts[2])}] = {*value, *scenario};
  }
  for (const auto line : split(log, '\n')) {
    const auto parts = split(line, '\t');
    if (parts.size() != 9) continue;
    const auto id = series.find(parts[0], parts[1]);
    const auto from = to_number(parts[3]);
    const auto to = to_number(parts[4]);
    const auto at = to_integer(parts[6]);
    if (!id || !from || !to || !at) continue;
    log_.push_back({.series = *id,
                    .name = std::string(parts[2]),
                    .from = *from,
                    .to = *to,
                    .is_reset = parts[5] == "1",
                    .at = Timestamp(Duration(*at)),
                    .who = std::string(parts[7]),
                    .comment = std::string(parts[8])});
  }
}

std::vector<LimitOrder> LimitBook::orders(std::span<const SeriesLimit> limits) const {
  std::vector<LimitOrder> orders;
  for (const SeriesLimit& limit : limits) {
    const auto moved = moved_.find({limit.series, std::string(limit.name)});
    if (moved == moved_.end() || moved->second.scenario != limit.value) continue;
    orders.push_back({limit.series, std::string(limit.name), moved->second.value});
  }
  return orders;
}

}  // namespace sosie
