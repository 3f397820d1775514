#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "twin/broker/archive.h"
#include "twin/broker/forwarder.h"
#include "twin/broker/keeper.h"
#include "twin/broker/message.h"
#include "twin/broker/notification.h"
#include "twin/broker/options.h"

namespace sosie::ngsi {

/// A reading that came another way than NGSI (MQTT, Kafka, a simulation).
struct Observation {
  std::string_view tenant;
  std::string_view path;  ///< service path; empty is "/"
  std::string_view id;
  std::string_view type;  ///< empty: "Thing"
  std::string_view attribute;
  double value = 0;
  Timestamp at{};
};

/// When the documents are given to the Keeper of what is observed.
enum class Kept : std::uint8_t {
  now,
  later,  ///< by `keep_numbers`, where nothing but numbers has changed
};

/// What the broker holds and has done, for pages and metrics.
struct BrokerFigures {
  std::uint64_t requests = 0;
  std::uint64_t tenants = 0;
  std::uint64_t entities = 0;
  std::uint64_t subscriptions = 0;
  std::uint64_t registrations = 0;
  std::uint64_t notifications = 0;
};

/// What one tenant has.
struct TenantFigures {
  std::string name;  ///< empty: the default one
  std::uint64_t entities = 0;
  std::uint64_t subscriptions = 0;
};

/// An NGSI v2 context broker: all of its state and its behaviour, and nothing of the world around.
/// It knows no socket, has no thread, and asks the world through Clock, Keeper and Forwarder.
///
/// Life: construct, `restore` every document that a Keeper was given, then `start`, then serve.
/// Threads: all functions from any thread; each tenant has a lock of its own. `handle` blocks only
/// while a context provider or the archive is asked.
class Broker {
 public:
  /// The three must outlive the broker.
  Broker(Options options, const Clock& clock, Keeper& keeper, Forwarder& forwarder);
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Where `?at=` is answered from; it must outlive the broker. Before `start`. Without one it is
  /// 501.
  void use(const Archive& archive);

  /// A document of an earlier life. In any order; before `start`. An Error: it is not ours.
  Result<void> restore(DocumentKind kind, std::string_view key, std::string_view body);

  /// All documents are back.
  void start();

  /// The newest reading of a numeric attribute of an earlier life: it may be younger than the
  /// document. After `start`, before anything is served.
  void bring_back(const Observation& newest);

  Answer handle(const Request& request);

  /// 500, for an answer whose ticket could not be committed.
  static Answer not_kept(const Request& request);

  /// Whether a path (still encoded) is the broker's, where other things share its listener.
  static bool owns(std::string_view path);

  /// Readings become attributes (type Number) and trigger subscriptions; they are not given back
  /// to the Keeper as readings. In order; what follows each other of one entity and instant is one
  /// update. Returns the last ticket, 0 if nothing changed.
  Ticket observe(std::span<const Observation> observations, Kept kept = Kept::now);

  /// Gives the Keeper the documents of entities whose numbers have changed since it got them,
  /// `most` at most, going on behind those of the last call. False: those were all. Threads: one at
  /// a time.
  bool keep_numbers(std::size_t most);

  /// The type of the entity that has this id in the default tenant at "/", of several the eldest;
  /// empty: there is none.
  std::string type_of(std::string_view id) const;

  /// What became of a notification moves its subscription's counters. False: nobody waits for the
  /// subscription's notifications any more (deleted, or failed too often), so give up on them.
  bool delivered(const Delivery& delivery);

  /// The password that a subscription (its document's key) gives its MQTT broker; empty: none.
  std::string mqtt_password(std::string_view subscription) const;

  /// To be called about once a second: entities whose time is over go, counters are kept.
  void tick();

  BrokerFigures figures() const;
  std::vector<TenantFigures> tenants() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sosie::ngsi
