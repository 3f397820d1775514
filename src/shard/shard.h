#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/reading.h"
#include "core/section.h"
#include "core/series.h"
#include "messages/mapping.h"
#include "rules/book.h"

namespace sosie {

/// The rules of a scenario over some of its devices, for programs that bring the messages
/// themselves and keep what comes of them (Spark): the same mapping, the same checks of what can be
/// a reading and the same rules as in the engine, and so the same episodes with the same ids; no
/// store, no thread, no socket.
///
///     for (const auto& message : batch) shard.take(message);
///     shard.settle();
///     for (const auto& line : shard.events()) …     // JSON
///     shard.forget_output();
///     const std::string state = shard.save();       // to go on from, in whichever process
///
/// A device's messages must all come to the same shard. Rules over groups of devices need them all
/// in one, so they are an Error unless the shard says that it is the only one.
/// Threads: one at a time.
class Shard {
 public:
  enum class Part : std::uint8_t { one_of_many, the_only_one };

  /// A message of which nothing was taken; `message` counts the messages since forget_output.
  struct Refused {
    std::size_t message = 0;
    std::string reason;
  };

  /// Since the shard was made or loaded.
  struct Counts {
    std::uint64_t messages = 0;
    std::uint64_t readings = 0;  ///< that were taken
    std::uint64_t messages_refused = 0;
    std::uint64_t readings_refused = 0;  ///< not finite, or of no credible time
    std::uint64_t late = 0;              ///< of the rules' checks: put in order behind younger ones
    std::uint64_t too_late = 0;
    std::uint64_t events = 0;
  };

  /// Takes `[intake]`, `[rules]`, `[[rule]]` and the [[source]] of this name (its key `name`, or
  /// its kind; empty: the only one of kind "kafka"). What else a scenario has is not looked at:
  /// `sosie check` does. Errors: no such source; an unknown device would be refused (no source of
  /// messages describes its devices); as RuleSet's and read_mapping's; a group where there are many
  /// shards.
  static Result<Shard> create(Section& scenario, std::string_view source, Part part,
                              std::shared_ptr<Clock> clock);
  static Result<Shard> open(const std::string& file, std::string_view source, Part part);
  ~Shard();
  Shard(Shard&&) noexcept;
  Shard& operator=(Shard&&) noexcept;

  /// Judges what the message brings. Never fails: one that is no good is in `refused`.
  void take(const messages::Message& message);
  /// Ends a batch: silence, as far as the readings' own time has gone on.
  void settle();

  /// What became of episodes, in order, a JSON object each (docs/bindings.md).
  const std::vector<std::string>& events() const;
  const std::vector<Refused>& refused() const;
  void forget_output();
  const Counts& counts() const;

  /// All devices' states, for a shard of the same scenario. REQUIRES: what was taken is settled.
  std::string save() const;
  /// Goes on from there. REQUIRES: nothing was taken yet. Errors: damaged (corrupt), of other rules
  /// (unsupported); the shard is of no use then.
  Result<void> load(std::string_view state);

 private:
  class Life;
  explicit Shard(std::unique_ptr<Life> life);
  std::unique_ptr<Life> life_;
};

}  // namespace sosie
