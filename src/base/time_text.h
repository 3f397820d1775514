#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace sosie {

/// "2026-11-20T13:14:15.250Z"; fractions only as far as they are not zero (ms or us).
std::string to_iso8601(Timestamp at);

/// ISO 8601 with 'T' or a blank, with or without fractions, with Z, +hh:mm or nothing (UTC).
std::optional<Timestamp> from_iso8601(std::string_view text);

/// A local civil calendar: the site's days, and files that wrote local times.
class Zone {
 public:
  /// `name`: an IANA zone ("Europe/Paris"), or "UTC".
  static Result<Zone> find(std::string_view name);

  const std::string& name() const { return name_; }

  /// Seconds to add to UTC to get local time at `at`.
  std::chrono::seconds offset(Timestamp at) const;

  /// The UTC instant of a local one. One that happens twice (autumn) is the first; one that never
  /// happens (spring) is moved forward by the gap.
  Timestamp to_utc(Timestamp local) const;

 private:
  Zone(std::string name, const void* zone) : name_(std::move(name)), zone_(zone) {}
  std::string name_;
  const void* zone_;  ///< the tz library's, alive for the whole process
};

/// Reads times of one layout: "iso", "unix" (seconds, fractions allowed), "unix_ms", "unix_us",
/// "unix_ns", or a strptime pattern ("%d/%m/%Y %H:%M"). Local ones are of `zone`.
class TimeReader {
 public:
  static Result<TimeReader> create(std::string_view format, const Zone& zone);
  std::optional<Timestamp> read(std::string_view text) const;

 private:
  TimeReader(std::string format, Zone zone) : format_(std::move(format)), zone_(std::move(zone)) {}
  std::string format_;
  Zone zone_;
};

}  // namespace sosie
