#pragma once

#include "engine/engine.h"
#include "twin/broker/broker.h"
#include "web/guest.h"
#include "web/ngsi_figures.h"
#include "web/ngsi_keeper.h"
#include "web/ngsi_more.h"
#include "web/ngsi_tokens.h"

namespace sosie::web {

/// The NGSI broker behind our ports: what a listener of its own brings, and on the others the paths
/// that are the broker's.
class NgsiGuest final : public Guest {
 public:
  struct Parts {
    ngsi::Broker& broker;
    const NgsiKeeper& keeper;
    NgsiMore& more;
    Engine& engine;
    NgsiFigures& figures;
    NgsiTokens tokens;
    bool multiservice = false;
    std::size_t body_limit = 0;  ///< bytes; the broker itself says so to who sends more
  };
  explicit NgsiGuest(Parts parts) : parts_(std::move(parts)) {}

  bool owns(const Listener& listener, const Request& request) const override;
  std::size_t body_limit() const override { return parts_.body_limit; }
  bool is_quick(const Request& request) const override;
  Response answer(Request& request) override;
  Response not_kept(const Request& request) override;

 private:
  Response answer_uncounted(Request& request);

  const Parts parts_;
};

}  // namespace sosie::web
