#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "twin/broker/keeper.h"
#include "twin/broker/subscription.h"
#include "twin/broker/world.h"

namespace sosie::ngsi {

/// Puts the documents of an earlier life back, in whatever order they come.
///
/// Threads: one, before anything is served.
class Restoring {
 public:
  explicit Restoring(World& world) : world_(world) {}

  Result<void> put(DocumentKind kind, std::string_view key, std::string_view body);

  /// After the last one.
  void finish();

 private:
  bool put_entity(std::string_view key, std::string_view body);
  bool put_subscription(std::string_view key, std::string_view body);
  bool put_registration(std::string_view key, std::string_view body);
  bool put_state(std::string_view key, std::string_view body);

  World& world_;
  std::map<std::string, SubscriptionState, std::less<>>
      states_;  ///< until their subscriptions are there
};

}  // namespace sosie::ngsi
