#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "core/section.h"
#include "core/series.h"
#include "engine/engine.h"
#include "store/store.h"

namespace sosie::app {

/// Where a scenario keeps its data, as the command line says it.
struct Place {
  std::string scenario;
  std::string data = "var";
};

/// A scenario's store, opened to be read: also beside the program that writes it.
struct Stored {
  std::string name;
  std::string asset;
  std::string file;
  std::unique_ptr<SeriesTable> series;
  std::unique_ptr<Store> store;

  static Result<Stored> open(const Place& place);
};

/// The file of a scenario's store, there or not.
Result<std::string> store_path(const Place& place);

/// ISO 8601, milliseconds since the epoch, or how long ago ("24h", "7d") counted from `now`.
Result<Timestamp> read_instant(const std::string& text, Timestamp now);

/// [from, to) of two options; where they are empty, all that is stored.
struct Span {
  Timestamp from;
  Timestamp to;
};
Result<Span> read_span(const std::string& from, const std::string& to, const Store& store);

/// Where the readings in `span` begin in earnest. Some few of long before the others (a wrong
/// clock) would stretch it over years in which nothing was measured: less than a twentieth of them
/// is left out where the rest then takes less than half of the time.
Result<Timestamp> steady_start(const Stored& stored, Span span);

}  // namespace sosie::app
