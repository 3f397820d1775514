#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "twin/broker/message.h"
#include "twin/broker/notification.h"
#include "twin/model/entity.h"

namespace sosie::ngsi {

enum class DocumentKind : std::uint8_t {
  entity,              ///< key "tenant path id type"
  subscription,        ///< key "tenant id"
  subscription_state,  ///< key as the subscription's: counters and times, which change often
  registration,        ///< key "tenant id"
};
std::string_view to_text(DocumentKind kind);
std::optional<DocumentKind> document_kind(std::string_view text);

/// A document as it is from now on; without a body it is gone. The body is JSON, for us alone.
struct Document {
  DocumentKind kind{};
  std::string key;  ///< parts separated by one blank; none of them has one inside
  std::optional<std::string> body;
};

/// A numeric attribute was updated: a reading like any other.
struct Measured {
  std::string tenant;  ///< empty: the default one
  Text path;           ///< service path, "/" or "/a/b"
  Text id;
  Text type;
  Text attribute;
  double value = 0;
  Timestamp at{};  ///< the metadata TimeInstant where there is one, else when it came

  /// Where nothing but the value changed: what was before, for an archive that does not keep this
  /// series (see earlier_state). None: nothing needs to be remembered.
  std::optional<Attribute> before{};

  /// The Keeper's own number of its series, noted by `brings_back`; nobody else looks at it.
  std::optional<std::uint32_t> series{};
};

/// What was true of an entity until it changed, as far as readings do not tell it (past.h).
struct EarlierState {
  std::string key;  ///< "tenant id type path"
  Timestamp until{};
  std::string body;  ///< JSON, for us alone
};

/// What is to be remembered of `measured` where nothing keeps its series. REQUIRES: `before`.
EarlierState earlier_state(const Measured& measured);

/// What one request changed. All of it is committed, or nothing.
struct Change {
  std::vector<Document> documents{};  ///< in order; a key may come twice
  std::vector<Measured> readings{};
  std::vector<EarlierState> earlier{};        ///< in order
  std::vector<Notification> notifications{};  ///< kept with the rest until they have arrived
  bool is_empty() const { return documents.empty() && readings.empty() && notifications.empty(); }
};

/// Makes changes durable, and sees to it that what they notify is sent: it may go out while the
/// commit is under way (a disk takes longer than a receiver should wait), so after a power cut a
/// receiver may know of an update that its sender was never told is kept.
///
/// Threads: any. `keep` is called with a tenant's lock held, so that changes come in the order in
/// which they happened: it only queues, and never calls the broker back. Tickets start at 1.
class Keeper {
 public:
  virtual ~Keeper() = default;
  virtual Ticket keep(Change change) = 0;

  /// Whether these numbers, kept as readings, come back in a next life (Broker::bring_back), each
  /// being the newest of its attribute: then the document of an entity in which nothing else has
  /// changed need not be kept with each of them. Called as `keep`, before it.
  virtual bool brings_back(std::span<Measured> /*readings*/) { return false; }
};

}  // namespace sosie::ngsi
