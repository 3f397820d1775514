#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/notice.h"
#include "base/clock.h"
#include "base/result.h"
#include "core/alarm.h"
#include "wire/json/writer.h"

namespace sosie::alerts {

/// What became of an alert's newest step with one notifier.
struct PassedOn {
  std::string notifier;
  AlarmEvent::What what = AlarmEvent::What::raised;
  std::optional<Timestamp> told;  ///< none: it waits
  bool operator==(const PassedOn&) const = default;
};

/// One condition, however often we were told of it.
struct Alert {
  std::uint64_t id = 0;  ///< growing within one store
  Notice notice;         ///< the newest; its priority is the most urgent so far
  std::uint64_t count = 1;
  Timestamp first{};  ///< when we received it, by our clock
  Timestamp last{};
  std::vector<PassedOn> passed_on;

  /// "Room1: temperature is 31.5", "Too warm (Room1, temperature 31.5)".
  Words sentence() const;
};

/// What a notice made of its alert.
enum class Step : std::uint8_t {
  raised,    ///< a new alert
  repeated,  ///< counted, and nobody is told again
  changed,   ///< more urgent than before
  cleared,   ///< over
  late,      ///< over before we knew of it: shown, and nobody is told
};
std::string_view to_text(Step step);
/// The step as notifiers tell it; none: they do not.
std::optional<AlarmEvent::What> told_as(Step step);

/// The alarm's step that notifiers are told of.
AlarmEvent to_event(const Alert& alert, AlarmEvent::What what);

/// Folds notices into alerts. The rule: a notice belongs to the alert with the same condition that
/// is not over, if that was last heard of within `fold`, or if its sender says when it is over
/// (alarms of Sosie, Alertmanager). Else it is a new one.
///
/// Keeps the newest `keep` alerts. Threads: one at a time.
class Book {
 public:
  struct Options {
    Duration fold = std::chrono::minutes(10);
    std::size_t keep = 1000;
  };
  explicit Book(const Options& options) : options_(options) {}

  struct Taken {
    std::uint64_t id = 0;
    Step step = Step::raised;
    std::optional<std::uint64_t> dropped;  ///< the oldest, which gave way
  };
  Taken take(Notice notice, Timestamp received);

  /// An alert of an earlier life.
  void restore(Alert alert);

  const Alert* find(std::uint64_t id) const;
  Alert* find(std::uint64_t id);
  /// At most `limit`, the one last heard of first. Valid until the next `take`.
  std::vector<const Alert*> newest(std::size_t limit) const;
  std::size_t size() const { return alerts_.size(); }
  std::size_t open() const;
  const Options& options() const { return options_; }

 private:
  Alert* same_as(const Notice& notice, Timestamp received);
  Step fold_into(Alert& alert, Notice notice, Timestamp received);
  std::optional<std::uint64_t> make_room();

  const Options options_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Alert> alerts_;
  std::map<std::string, std::uint64_t, std::less<>> newest_of_;  ///< by condition
};

/// The members of an alert as docs/api.md has it, without the brackets and without `raw`.
void write_members(json::Writer& out, const Alert& alert);

/// As the store keeps it: the same as JSON, with what people are not shown.
std::string to_bytes(const Alert& alert);
/// Errors: corrupt.
Result<Alert> alert_from_bytes(std::string_view bytes);

}  // namespace sosie::alerts
