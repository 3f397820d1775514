#pragma once

#include "engine/engine.h"
#include "twin/broker/broker.h"
#include "web/guest.h"
#include "web/ngsi_keeper.h"

namespace sosie::web {

/// The NGSI broker behind our ports: what a listener of its own brings, and on the others the paths
/// that are the broker's.
class NgsiGuest final : public Guest {
 public:
  /// `limit`: bytes of a body (the broker itself says so to who sends more).
  NgsiGuest(ngsi::Broker& broker, const NgsiKeeper& keeper, Engine& engine, std::size_t limit)
      : broker_(broker), keeper_(keeper), engine_(engine), limit_(limit) {}

  bool owns(const Listener& listener, const Request& request) const override;
  std::size_t body_limit() const override { return limit_; }
  bool is_quick(const Request& request) const override;
  Response answer(Request& request) override;
  Response not_kept(const Request& request) override;

 private:
  ngsi::Broker& broker_;
  const NgsiKeeper& keeper_;
  Engine& engine_;
  const std::size_t limit_;
};

}  // namespace sosie::web
