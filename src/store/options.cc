#include "store/options.h"

#include <string_view>

#include "base/text.h"

namespace sosie {
namespace {

constexpr std::int64_t least_chunk = 16;
constexpr std::int64_t most_chunk = 4096;

/// An age, or "" for ever.
Result<std::optional<Duration>> read_age(Section& section, std::string_view key,
                                         std::string_view otherwise = "") {
  const auto text = TRY(section.text(key, otherwise));
  if (text.empty()) return std::optional<Duration>();
  const auto age = to_duration_us(text);
  if (!age || *age <= 0) {
    return section.wrong(key, fmt::format("is '{}'; expected an age as 30d, 52w or 24h", text));
  }
  return std::optional(Duration(*age));
}

Result<Retention> read_retention(Section& section) {
  Retention rule;
  rule.series = TRY(section.text("series", "*"));
  rule.raw = TRY(read_age(section, "raw"));
  rule.minute = TRY(read_age(section, "minute"));
  rule.hour = TRY(read_age(section, "hour"));
  rule.day = TRY(read_age(section, "day"));
  TRY(section.finish());
  const auto is_shorter = [](const auto& a, const auto& b) {
    return a && (!b || *a < *b);  // none is for ever
  };
  if (is_shorter(rule.minute, rule.raw)) {
    return section.wrong("minute", "must be at least as long as raw, from which minutes are made");
  }
  if (is_shorter(rule.hour, rule.minute)) {
    return section.wrong("hour", "must be at least as long as minute, from which hours are made");
  }
  if (is_shorter(rule.day, rule.hour)) {
    return section.wrong("day", "must be at least as long as hour, from which days are made");
  }
  return rule;
}

}  // namespace

Result<StoreOptions> StoreOptions::read(Section& section, const std::string& otherwise) {
  StoreOptions options;
  options.path = otherwise;
  if (section.has("file")) options.path = TRY(section.path("file"));
  const auto points = TRY(section.integer("chunk_points", 512));
  if (points < least_chunk || points > most_chunk) {
    return section.wrong("chunk_points",
                         fmt::format("is {}; expected {} to {}", points, least_chunk, most_chunk));
  }
  options.chunk_points = static_cast<std::size_t>(points);
  options.keep_readings = TRY(section.flag("readings", true));
  const auto megabytes = TRY(section.integer("max_size_mb", 0));
  if (megabytes < 0) return section.wrong("max_size_mb", "must not be negative; 0: no limit");
  options.max_bytes = megabytes * 1'000'000;
  options.earlier = TRY(read_age(section, "earlier", "30d"));
  const auto feed_mb = TRY(section.integer("feed_max_mb", options.feed_max_bytes / 1'000'000));
  if (feed_mb < 1) return section.wrong("feed_max_mb", "is expected to be 1 at least");
  options.feed_max_bytes = feed_mb * 1'000'000;
  auto rules = TRY(section.tables("retention"));
  for (auto& rule : rules) {
    auto read = TRY(read_retention(rule));
    options.retention.push_back(std::move(read));
  }
  TRY(section.finish());
  return options;
}

}  // namespace sosie
