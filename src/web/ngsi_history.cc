#include "web/ngsi_history.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time_text.h"
#include "twin/model/json_text.h"
#include "web/ask.h"

namespace sosie::web {
namespace {

constexpr Duration day = std::chrono::hours(24);
constexpr Duration usual_every = std::chrono::hours(1);
constexpr Duration longest_every = 366 * day;

struct Aggregate {
  std::string_view name;
  double (*of)(const Bucket& bucket);
};
constexpr std::array<Aggregate, 7> aggregates{{
    {"mean", [](const Bucket& b) { return b.mean(); }},
    {"min", [](const Bucket& b) { return b.min; }},
    {"max", [](const Bucket& b) { return b.max; }},
    {"sum", [](const Bucket& b) { return b.sum; }},
    {"count", [](const Bucket& b) { return static_cast<double>(b.count); }},
    {"first", [](const Bucket& b) { return b.first; }},
    {"last", [](const Bucket& b) { return b.last; }},
}};

const Aggregate* find_aggregate(std::string_view name) {
  const auto* const found = std::ranges::find(aggregates, name, &Aggregate::name);
  return found == aggregates.end() ? nullptr : found;
}

Result<void> read_aggregates(const Request& request, HistoryQuestion& question) {
  if (const auto names = request.parameter("aggr")) {
    for (const auto name : split(*names, ',')) {
      if (find_aggregate(name) == nullptr) {
        return Error{
            Errc::invalid,
            fmt::format("aggr: '{}'; expected mean, min, max, sum, count, first or last", name)};
      }
      question.aggregates.emplace_back(name);
    }
  }
  const auto every = request.parameter("every");
  if (every && question.aggregates.empty()) question.aggregates.emplace_back("mean");
  question.every = usual_every;
  if (!every) return {};
  const auto us = to_duration_us(*every);
  if (!us || *us < 1000 || Duration(*us) > longest_every) {
    return Error{Errc::invalid,
                 fmt::format("every: '{}'; expected a duration as 10s, 15m, 1h or 1d", *every)};
  }
  question.every = Duration(*us);
  return {};
}

struct HistorySpan {
  Timestamp from;
  Timestamp to;
};

/// The coarsest of which a bucket is made without a remainder.
Resolution resolution_for(Duration every) {
  for (const auto resolution : {Resolution::day, Resolution::hour, Resolution::minute}) {
    if (every % width_of(resolution) == Duration::zero()) return resolution;
  }
  return Resolution::raw;
}

Result<std::vector<Bucket>> read_buckets(const Store& store, SeriesId series,
                                         const HistorySpan& span, Duration every) {
  std::vector<Bucket> buckets;
  const auto resolution = resolution_for(every);
  if (resolution != Resolution::raw) {
    const auto finer = TRY(store.rollups(series, resolution, span.from, span.to));
    roll_up(finer, every, buckets);
    return buckets;
  }
  TRY(store.scan({&series, 1}, span.from, span.to, [&](std::span<const Reading> readings) {
    roll_up(readings, every, buckets);
    return true;
  }));
  return buckets;
}

Result<void> write_aggregates(const Store& store, SeriesId series, const HistoryQuestion& question,
                              json::Writer& out) {
  const auto from = floor_to(question.from, question.every);
  const auto span_limit = question.every * static_cast<std::int64_t>(question.limit);
  const auto to = question.to - from > span_limit ? from + span_limit : question.to;
  const auto buckets = TRY(read_buckets(store, series, {from, to}, question.every));
  out.key("values");
  out.begin_array();
  for (const auto& bucket : buckets) {
    if (bucket.count == 0) continue;
    out.begin_object();
    out.member("time", to_iso8601(bucket.start));
    for (const auto& name : question.aggregates) {
      out.member(name, find_aggregate(name)->of(bucket));
    }
    out.end_object();
  }
  out.end_array();
  if (to < question.to) out.member("next", to_iso8601(to));
  return {};
}

Result<void> write_readings(const Store& store, SeriesId series, const HistoryQuestion& question,
                            json::Writer& out) {
  const auto readings = TRY(store.readings(series, question.from, question.to, question.limit + 1));
  const auto count = std::min(readings.size(), question.limit);
  out.key("values");
  out.begin_array();
  for (const auto& reading : std::span(readings).first(count)) {
    out.begin_object();
    out.member("time", to_iso8601(reading.at));
    out.member("value", reading.value);
    if (reading.quality != Quality::good) out.member("quality", to_text(reading.quality));
    out.end_object();
  }
  out.end_array();
  if (count < readings.size()) out.member("next", to_iso8601(readings[count].at));
  return {};
}

}  // namespace

Result<HistoryQuestion> HistoryQuestion::read(const Request& request, Timestamp now) {
  HistoryQuestion question;
  question.to = TRY(ask_time(request, "to", now + Duration(1)));
  question.from = TRY(ask_time(request, "from", question.to - day));
  if (question.from > question.to) return Error{Errc::invalid, "'from' is after 'to'"};
  TRY(read_aggregates(request, question));
  constexpr auto most_asked = static_cast<std::int64_t>(most);
  const auto limit = TRY(ask_integer(request, "limit", 1000, 1, most_asked));
  question.limit = static_cast<std::size_t>(limit);
  return question;
}

Result<void> write_history(const Store& store, SeriesId series, const HistoryQuestion& question,
                           json::Writer& out) {
  return question.aggregates.empty() ? write_readings(store, series, question, out)
                                     : write_aggregates(store, series, question, out);
}

void write_values(std::vector<ngsi::PastValue> values, const HistoryQuestion& question,
                  json::Writer& out) {
  std::erase_if(values, [&](const auto& v) { return v.at < question.from || v.at >= question.to; });
  std::ranges::reverse(values);
  const auto count = std::min(values.size(), question.limit);
  out.key("values");
  out.begin_array();
  for (const auto& [at, value] : std::span(values).first(count)) {
    out.begin_object();
    out.member("time", to_iso8601(at));
    out.key("value");
    out.raw(ngsi::to_json(value));
    out.end_object();
  }
  out.end_array();
  if (count < values.size()) out.member("next", to_iso8601(values[count].at));
}

}  // namespace sosie::web
