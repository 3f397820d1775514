#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/book.h"
#include "base/result.h"
#include "core/catalog.h"
#include "core/section.h"
#include "engine/engine.h"
#include "engine/plan.h"
#include "web/alert_courier.h"

namespace sosie::web {

/// Hears of each alert that was received, on the thread that received it.
using AlertListener = std::function<void(const alerts::Alert& alert, alerts::Step step)>;

/// What a scenario says of received alerts: `[alerts]`.
struct AlertOptions {
  bool is_wanted = false;  ///< there is such a table
  alerts::Book::Options book{};
  std::vector<NamedNotifier> notifiers;  ///< `[[alerts.notifier]]`: whom to pass them on to
};

/// Checks and opens nothing.
Result<AlertOptions> read_alert_options(Section& scenario, const Catalog& catalog);

/// Takes alerts that others send (docs/alerts.md), keeps them in the store, and passes them on.
///
/// Life: `restore`, `start`, `stop` before the engine's. `options` and what they hold outlive it.
/// Threads: any but these three.
class AlertDesk {
 public:
  AlertDesk(const AlertOptions& options, Engine& engine, AlertListener listener);
  ~AlertDesk() { stop(); }
  AlertDesk(const AlertDesk&) = delete;
  AlertDesk& operator=(const AlertDesk&) = delete;

  bool is_open() const { return options_.is_wanted; }

  /// What an earlier life left behind. Errors: the store cannot be read.
  Result<void> restore();
  void start();
  void stop();

  struct Receipt {
    std::vector<std::uint64_t> alerts;  ///< ids, in the order of the notices
    std::uint64_t ticket = 0;           ///< durable when the document road has come to it
  };
  /// `where`: the path it was posted to, for the quarantine. Errors: `invalid`: not understood,
  /// which is counted; `unavailable`: nothing can be written, send it again.
  Result<Receipt> receive(std::string_view body, std::string_view where);

  struct Figures {
    std::uint64_t received = 0;  ///< notices, since the start
    std::uint64_t refused = 0;   ///< bodies
    std::size_t kept = 0;
    std::size_t open = 0;
    std::uint64_t version = 0;  ///< grows with every change
  };
  Figures figures() const;
  std::uint64_t version() const { return version_.load(); }
  Duration fold() const { return options_.book.fold; }
  std::vector<AlertCourier::Status> couriers() const;

  /// The last `limit`, newest first.
  std::vector<alerts::Alert> newest(std::size_t limit) const;
  std::optional<alerts::Alert> find(std::uint64_t id) const;

 private:
  /// An alert as it was after a notice.
  struct Heard {
    alerts::Alert alert;
    alerts::Step step = {};
  };
  Heard take(alerts::Notice notice, DocumentRoad::Entry& entry);
  Receipt take_all(std::vector<alerts::Notice> notices, std::vector<Heard>& heard);
  void pass_on(alerts::Alert& alert, AlarmEvent::What what, DocumentRoad::Entry& entry);
  void settle(const std::string& notifier, const AlertCourier::Due& due);
  Result<void> restore_alerts();
  Result<void> restore_due();

  const AlertOptions& options_;
  Engine& engine_;
  const AlertListener listener_;
  SystemClock clock_;  ///< people's own time, also where the scenario's is another
  std::vector<std::unique_ptr<AlertCourier>> couriers_;  ///< made once, as the options' notifiers

  mutable std::mutex mutex_;  ///< what follows
  alerts::Book book_;
  std::uint64_t last_due_ = 0;  ///< number
  std::uint64_t received_ = 0;
  std::uint64_t refused_ = 0;
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace sosie::web
