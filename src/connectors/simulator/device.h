#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/source.h"
#include "wire/ngsi/publisher.h"

namespace sosie {

/// The plant's sensors as a device in the field would be: not wired to the program, but a client of
/// an NGSI v2 broker over HTTP (which may be this program's own listener).
///
/// Threads: one at a time.
class Device {
 public:
  explicit Device(context::Address address) : publisher_(std::move(address)) {}

  /// Which series its readings are of, in the order of the handles.
  void know(std::span<const SeriesInfo> sensors, std::span<const SeriesId> ids);

  /// Sends readings in order of time. A broker that is away is asked again until it takes them,
  /// which is said once; what it will never take goes to quarantine. False: asked to stop, with
  /// some of them not sent.
  bool send(std::span<const Reading> readings, Intake& intake, const std::stop_token& stop);

 private:
  const SeriesInfo& info_of(SeriesId id) const;
  bool send_surely(const std::string& entity, std::span<const context::Attribute> attributes,
                   Intake& intake, const std::stop_token& stop);

  context::Publisher publisher_;
  std::vector<SeriesInfo> sensors_;
  std::vector<SeriesId> ids_;
  bool is_away_ = false;
};

}  // namespace sosie
