#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "wire/http/client.h"
#include "wire/ngsi/address.h"

namespace sosie::context {

/// One attribute to be written.
struct Attribute {
  std::string_view name;
  double value = 0;
  Timestamp at;           ///< when it was measured: the metadata TimeInstant
  std::string_view unit;  ///< the metadata unit; empty: none
};

/// Writes numeric attributes of entities to an NGSI v2 broker, as a sensor's client does: one PATCH
/// an entity over a connection that stays; an entity or attribute that is not there is made.
///
/// Threads: one at a time.
class Publisher {
 public:
  explicit Publisher(Address address);

  /// Returns when the broker has answered 2xx. Errors: `unavailable` (not reachable, 429, 5xx): ask
  /// again; `invalid`: the broker will never take this (other 4xx), with its words.
  Result<void> send(std::string_view entity, std::span<const Attribute> attributes);

  const Address& address() const { return address_; }

 private:
  Result<int> ask(std::string_view method, std::string path, std::string body);
  Result<void> create(std::string_view entity, const std::string& attributes);

  const Address address_;
  http::Client client_;
  std::string answer_;  ///< the last one, in words
};

}  // namespace sosie::context
