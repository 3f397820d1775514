#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "connectors/influxdb/template.h"
#include "wire/http/client.h"

namespace sosie::influxdb {

/// [[sink]] kind = "influxdb".
struct Config {
  http::Request write;   ///< all but the body; its address and headers hold secrets
  http::Request create;  ///< makes the database; no address: is not asked for
  std::string host;      ///< "http://localhost:8086", for messages
  std::string place;     ///< "the database 'city'", for messages
  std::string identity;  ///< "the user 'sosie'", "the token", "nobody"
  bool packs = true;     ///< gzip
  std::size_t max_points = 0;
  std::size_t max_bytes = 0;
  line::Precision precision = line::Precision::us;
  std::vector<std::string> series;  ///< wildcards, as messages::ChosenSeries has them
  std::optional<LineTemplate> readings;
  std::optional<LineTemplate> alarms;

  /// Checks everything and opens nothing.
  static Result<Config> read(Section& section);
};

}  // namespace sosie::influxdb
