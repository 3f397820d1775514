#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/section.h"
#include "twin/broker/broker.h"

namespace sosie::web {

/// What a scenario wants to be in its broker from the start: `[[entity]]` (id, type) and
/// `[[subscription]]` (description, entity or id_pattern, type, attrs, expression, notify,
/// notify_attrs, format, throttling); both with tenant and service_path.
///
/// An entity that is there stays as it is. A subscription is known by its description: one that is
/// there is brought to what the scenario says and keeps its id and counters.
class NgsiSeeds {
 public:
  /// Checks all of it, against a broker of its own with these options. Errors: with file and line.
  static Result<NgsiSeeds> read(Section& scenario, const ngsi::Options& options);

  /// After the broker's `start`. Errors: what the broker says against one of them.
  Result<void> sow(ngsi::Broker& broker) const;

 private:
  struct Seed {
    std::string tenant;
    std::string path;  ///< service path
    std::string name;  ///< an entity's id, a subscription's description
    std::string type;  ///< an entity's
    std::string body;
  };
  static Result<Seed> read_entity(Section& section, ngsi::Broker& trial);
  static Result<Seed> read_subscription(Section& section, ngsi::Broker& trial);
  static Result<void> sow_entity(ngsi::Broker& broker, const Seed& seed);
  static std::string find_subscription(ngsi::Broker& broker, const Seed& seed);
  static Result<void> sow_subscription(ngsi::Broker& broker, const Seed& seed);

  std::vector<Seed> entities_;
  std::vector<Seed> subscriptions_;
};

}  // namespace sosie::web
