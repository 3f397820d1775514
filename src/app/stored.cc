#include "app/stored.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>

#include "base/text.h"
#include "base/time_text.h"
#include "store/options.h"

namespace sosie::app {
namespace {

constexpr auto day = std::chrono::hours(24);

Result<StoreOptions> store_of(Section& scenario, const Place& place) {
  const auto name = TRY(scenario.text("name"));
  auto section = TRY(scenario.table("store"));
  return StoreOptions::read(section, fmt::format("{}/{}/sosie.db", place.data, name));
}

}  // namespace

Result<std::string> store_path(const Place& place) {
  auto scenario = TRY(Section::read_file(place.scenario));
  const auto options = TRY(store_of(scenario, place));
  return options.path;
}

Result<Stored> Stored::open(const Place& place) {
  auto scenario = TRY(Section::read_file(place.scenario));
  Stored opened;
  opened.name = TRY(scenario.text("name"));
  opened.asset = TRY(scenario.text("asset", opened.name));
  auto options = TRY(store_of(scenario, place));
  options.read_only = true;
  opened.file = options.path;
  if (!std::filesystem::exists(options.path)) {
    return Error{Errc::not_found, fmt::format("nothing is stored in {} yet; first: sosie run {} "
                                              "--data {}",
                                              options.path, place.scenario, place.data)};
  }
  opened.series = std::make_unique<SeriesTable>();
  opened.store = TRY(Store::open(options, *opened.series));
  return opened;
}

Result<Timestamp> read_instant(const std::string& text, Timestamp now) {
  if (const auto iso = from_iso8601(text)) return *iso;
  if (const auto ms = to_integer(text)) return Timestamp(std::chrono::milliseconds(*ms));
  if (const auto ago = to_duration_us(text)) return now - Duration(*ago);
  return Error{Errc::invalid,
               fmt::format("'{}' is no time; expected ISO 8601, milliseconds since 1970, or how "
                           "long ago, as 24h",
                           text)};
}

Result<Span> read_span(const std::string& from, const std::string& to, const Store& store) {
  const auto stats = TRY(store.stats());
  const Timestamp newest = stats.newest.value_or(Timestamp{});
  Span span{stats.oldest.value_or(Timestamp{}), newest + Duration(1)};
  if (!from.empty()) span.from = TRY(read_instant(from, newest));
  if (!to.empty()) span.to = TRY(read_instant(to, newest));
  return span;
}

Result<Timestamp> steady_start(const Stored& stored, Span span) {
  std::map<Timestamp, std::uint64_t> days;  // with how many readings each
  std::uint64_t all = 0;
  for (std::uint32_t i = 0; i < stored.series->size(); ++i) {
    const auto buckets =
        TRY(stored.store->rollups(SeriesId{i}, Resolution::day, span.from - day, span.to));
    for (const Bucket& bucket : buckets) {
      days[bucket.start] += bucket.count + bucket.bad;
      all += bucket.count + bucket.bad;
    }
  }
  Timestamp start = span.from;
  std::uint64_t before = 0;
  for (auto it = days.begin(); it != days.end() && std::next(it) != days.end(); ++it) {
    before += it->second;
    const Timestamp next = std::next(it)->first;
    if (before * 20 < all && (span.to - next) * 2 < span.to - start) start = next;
  }
  if (start == span.from) return start;
  Timestamp first = span.to;  // the day may have begun long before its first reading
  for (std::uint32_t i = 0; i < stored.series->size(); ++i) {
    const auto reading = TRY(stored.store->readings(SeriesId{i}, start, span.to, 1));
    if (!reading.empty()) first = std::min(first, reading.front().at);
  }
  return first;
}

}  // namespace sosie::app
