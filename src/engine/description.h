#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/section.h"
#include "core/series.h"

namespace sosie {

/// What a scenario knows of series that come without saying it (over MQTT, Kafka, HTTP): the
/// `[[describe]]` tables, by wildcards. Each table that fits fills in what is still missing.
///
/// Threads: any; it does not change.
class Descriptions {
 public:
  /// Takes the tables `describe` of the whole scenario. Errors: as Section's; a table that says
  /// nothing, low that is not below high.
  static Result<Descriptions> read(Section& scenario);

  bool empty() const { return all_.empty(); }
  void complete(SeriesInfo& info) const;
  /// Those that are there already, of an earlier life.
  void complete(SeriesTable& table) const;

 private:
  struct Description {
    std::vector<std::string> series;  ///< wildcards, of entities or of SeriesInfo::name()
    SeriesInfo what;
  };
  std::vector<Description> all_;
};

}  // namespace sosie
