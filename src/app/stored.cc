#include "app/stored.h"

#include "base/text.h"
#include "base/time_text.h"
#include "store/options.h"

namespace sosie::app {
namespace {

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

}  // namespace sosie::app
