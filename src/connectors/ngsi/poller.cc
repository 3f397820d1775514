#include "connectors/ngsi/poller.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "wire/json/value.h"

namespace sosie::context {
namespace {

constexpr Duration longest_pause = std::chrono::minutes(1);
constexpr std::size_t most_pages = 10'000;
/// Brokers know their times to the millisecond, and each other's not better.
constexpr std::string_view built_ins = "&metadata=*,dateModified";

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ",") + http::percent_encoded(text);
  return all;
}

}  // namespace

std::string Poller::query(std::size_t offset) const {
  auto query = fmt::format("/v2/entities?limit={}&offset={}{}", config_.page, offset, built_ins);
  query += "&attrs=";
  query += config_.attrs.empty() ? "*" : joined(config_.attrs) + ",TimeInstant";
  query += ",dateModified";
  if (!config_.ids.empty()) query += "&id=" + joined(config_.ids);
  if (!config_.id_pattern.empty())
    query += "&idPattern=" + http::percent_encoded(config_.id_pattern);
  if (!config_.address.type.empty())
    query += "&type=" + http::percent_encoded(config_.address.type);
  if (!config_.q.empty()) query += "&q=" + http::percent_encoded(config_.q);
  return query;
}

void Poller::take(const Measure& measure, Timestamp now, Intake& intake) {
  const auto key = measure.entity + '\t' + measure.attribute;
  const Timestamp at = measure.at.value_or(now);
  const auto known = newest_.find(key);
  if (known != newest_.end() && at <= known->second) return;  // asked twice, changed once
  const auto series = intake.series(measure.entity, measure.attribute);
  if (!series) {
    if (known == newest_.end()) {  // once for each
      intake.refuse({.source = config_.name,
                     .reason = series.error().what,
                     .sample = fmt::format("{} = {}", measure.attribute, measure.value),
                     .where = config_.address.base});
    }
  } else {
    batch_.push_back({.at = at, .value = measure.value, .series = *series});
  }
  newest_.insert_or_assign(key, at);
}

/// How many entities the page had.
Result<std::size_t> Poller::ask_page(std::size_t offset, Intake& intake) {
  http::Request request;
  request.url = config_.address.base + query(offset);
  request.headers = config_.address.headers();
  request.headers.push_back({"Accept", "application/json"});
  request.timeout = config_.timeout;
  request.trust = config_.address.trust;
  const auto response = TRY(client_.send(request));
  if (response.status != 200) return Error{Errc::unavailable, said(response)};
  const auto body = TRY(json::parse(response.body));
  if (body.list() == nullptr) {
    return Error{Errc::corrupt,
                 fmt::format("{} where a list of entities was expected", body.kind())};
  }
  const Timestamp now = intake.clock().now();
  for (const auto& entity : *body.list()) {
    const auto measures = read_measures(entity);
    if (!measures) {
      intake.refuse({.source = config_.name,
                     .reason = measures.error().what,
                     .sample = {},
                     .where = config_.address.base});
      continue;
    }
    for (const auto& measure : *measures) take(measure, now, intake);
  }
  return body.list()->size();
}

Result<void> Poller::ask_all(Intake& intake, const std::stop_token& stop) {
  batch_.clear();
  std::size_t offset = 0;
  for (std::size_t page = 0; page < most_pages && !stop.stop_requested(); ++page) {
    const auto got = TRY(ask_page(offset, intake));
    offset += got;
    if (got < static_cast<std::size_t>(config_.page)) break;
  }
  if (batch_.empty()) return {};
  std::ranges::stable_sort(batch_, {}, &Reading::at);
  intake.put(batch_, config_.name);
  remember(intake);
  return {};
}

void Poller::remember(Intake& intake) const {
  std::string bytes;
  for (const auto& [key, at] : newest_) {
    bytes += fmt::format("{}\t{}\n", key, at.time_since_epoch().count());
  }
  intake.remember("ngsi/" + config_.name, std::move(bytes));
}

void Poller::recall(Intake& intake) {
  const auto bytes = intake.recall("ngsi/" + config_.name);
  if (!bytes) return;
  for (const auto line : split(*bytes, '\n')) {
    const auto tab = line.rfind('\t');
    if (tab == std::string_view::npos) continue;
    const auto us = to_integer(line.substr(tab + 1));
    if (us) newest_.insert_or_assign(std::string(line.substr(0, tab)), Timestamp(Duration(*us)));
  }
}

SourceState Poller::state() const {
  return state_.with([](const SourceState& state) { return state; });
}

/// Between two rounds the machine's time counts, whatever the engine's clock shows: the broker is
/// of this world.
Result<void> Poller::run(Intake& intake, std::stop_token stop) {
  SystemClock clock;
  recall(intake);
  Duration pause = config_.interval;
  bool is_away = false;
  while (!stop.stop_requested()) {
    const Timestamp began = clock.now();
    const auto asked = ask_all(intake, stop);
    state_.with([&](SourceState& state) {
      state.trouble = asked ? std::string() : asked.error().what;
      if (!asked) ++state.troubles;
    });
    if (asked) {
      if (is_away) log::info("ngsi", "{} answers again", config_.address.base);
      is_away = false;
      pause = config_.interval;
    } else {
      if (!is_away) {
        log::warning("ngsi", "{}: {}; asking on, more slowly", config_.address.base,
                     asked.error().what);
      }
      pause = is_away ? std::min(2 * pause, std::max(longest_pause, config_.interval)) : pause;
      is_away = true;
    }
    clock.sleep(began + pause, stop);
  }
  return {};
}

}  // namespace sosie::context
