#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "base/guarded.h"
#include "engine/engine.h"
#include "twin/broker/broker.h"
#include "web/delivery/postman.h"
#include "web/ngsi_events.h"
#include "web/ngsi_series.h"

namespace sosie::web {

/// What the broker changes goes into the journal, and its notifications to the postman as well, at
/// once: a receiver does not wait for the disk. What was delivered before the journal came to it is
/// never written there.
///
/// Threads: any.
class NgsiKeeper final : public ngsi::Keeper, public delivery::PostOffice {
 public:
  NgsiKeeper(Engine& engine, NgsiSeries& series, NgsiEvents& events)
      : engine_(engine), series_(series), events_(events) {}

  /// Brings back the documents into `broker` and the messages to `postman`, who both are to be told
  /// of what comes from now on. Before anything else.
  Result<void> restore(ngsi::Broker& broker, delivery::Postman& postman);

  ngsi::Ticket keep(ngsi::Change change) override;
  bool brings_back(std::span<ngsi::Measured> readings) override;

  /// Some context provider is registered, so a request may have to wait for one.
  bool has_providers() const { return provider_count_.load(std::memory_order_relaxed) > 0; }

  void settled(std::vector<std::uint64_t> numbers) override;
  bool report(const ngsi::Delivery& delivery) override;
  Result<Page> fetch(const std::string& subscription, std::uint64_t after,
                     std::size_t limit) override;

 private:
  Result<void> restore_documents();
  Result<void> restore_numbers();
  Result<void> restore_messages();
  void restore_message(const Outgoing& outgoing);
  std::optional<ngsi::Notification> read_message(const Outgoing& outgoing);
  void let_go(std::vector<std::uint64_t> numbers);
  void note(ngsi::DocumentKind kind, const std::string& key, bool is_there);

  Engine& engine_;
  NgsiSeries& series_;
  NgsiEvents& events_;
  ngsi::Broker* broker_ = nullptr;
  delivery::Postman* postman_ = nullptr;
  std::atomic<std::uint64_t> last_number_{0};  ///< of a message
  Guarded<std::set<std::string>> providers_;   ///< keys of registrations
  std::atomic<std::size_t> provider_count_{0};
};

}  // namespace sosie::web
