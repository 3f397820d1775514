#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace sosie {

/// How long something took, counted in fixed buckets (Prometheus's histogram).
///
/// Threads: one writer, any readers.
class LatencyHistogram {
 public:
  /// Upper bounds in seconds; what is above the last goes into one more bucket.
  static constexpr std::array<double, 18> bounds_s{1e-6,   2e-6, 5e-6, 1e-5, 2e-5, 3.5e-5,
                                                   5e-5,   7e-5, 1e-4, 2e-4, 5e-4, 1e-3,
                                                   2.5e-3, 5e-3, 1e-2, 5e-2, 0.1,  1};

  struct Snapshot {
    std::array<std::uint64_t, bounds_s.size() + 1> counts{};  ///< per bucket, not cumulated
    std::uint64_t count = 0;
    double sum_s = 0;

    /// The q-quantile, linear within its bucket; 0 when nothing was counted.
    double quantile(double q) const;
  };

  void add(double seconds);
  Snapshot snapshot() const;

 private:
  std::array<std::atomic<std::uint64_t>, bounds_s.size() + 1> counts_{};
  std::atomic<double> sum_s_{0};
};

/// What the engine counts of its own work. Threads: any reader; each counter has one writer or is
/// added to atomically.
struct Statistics {
  std::atomic<std::uint64_t> readings_taken{0};
  std::atomic<std::uint64_t> readings_refused{0};  ///< quarantined
  std::atomic<std::uint64_t> readings_late{0};
  std::atomic<std::uint64_t> readings_again{0};   ///< of an instant of which there was one
  std::atomic<std::uint64_t> readings_skewed{0};  ///< from the future
  std::atomic<std::uint64_t> frames{0};           ///< closed, learned from or looked at
  std::atomic<std::uint64_t> predictions{0};      ///< frames looked at
  std::atomic<std::uint64_t> symptoms{0};
  std::atomic<std::uint64_t> findings_opened{0};
  std::array<std::atomic<std::uint64_t>, 6> findings_by_kind{};  ///< as named when they opened
  std::atomic<std::uint64_t> alarms_raised{0};
  std::atomic<std::uint64_t> rules_judged{0};    ///< checks of a reading by a rule
  std::atomic<std::uint64_t> rules_late{0};      ///< of these: put in order behind younger ones
  std::atomic<std::uint64_t> rules_too_late{0};  ///< of these: later than the lateness
  std::atomic<std::uint64_t> episodes_opened{0};
  std::atomic<std::uint64_t> episodes_amended{0};
  std::atomic<std::uint64_t> episodes_withdrawn{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> commit_failures{0};
  std::atomic<std::int64_t> newest_us{0};  ///< event time of the youngest reading
  std::atomic<double> lane_cpu_s{0};
  std::atomic<double> journal_cpu_s{0};
  LatencyHistogram prediction;  ///< one frame through every detector and the diagnosis
  LatencyHistogram explained;   ///< those in which something was explained and reported
  LatencyHistogram commit;
};

struct SourceStatus {
  std::string name;
  std::string kind;
  std::string
      state;  ///< "running", "waiting", "ended"; "listening": others post to it, it has no end
  std::uint64_t readings = 0;
  std::uint64_t refused = 0;
  std::string error;                   ///< why it waits
  std::optional<std::uint64_t> lag{};  ///< messages that wait for it at its broker
  std::uint64_t dead_letters = 0;      ///< messages sent back, with their reason
  std::uint64_t troubles = 0;          ///< times it could not go on, and tried again
  std::uint64_t contested = 0;         ///< messages that showed that one series has two senders
};

struct NotifierStatus {
  std::string name;
  std::uint64_t lag = 0;  ///< steps of alarms not told yet
  std::string error;
};

struct SinkStatus {
  std::string name;
  std::string kind;
  /// "starting"; "running"; "behind": it takes, but has much to catch up; "waiting": to be tried
  /// again; "off": left out.
  std::string state;
  std::uint64_t lag = 0;      ///< readings committed and not taken yet
  std::uint64_t sent = 0;     ///< readings and steps of alarms taken since the start
  std::uint64_t refused = 0;  ///< of these, put in quarantine instead
  std::optional<Timestamp> last_success;
  std::string error;  ///< why it waits, or is off
};

struct QueueStatus {
  std::string name;
  std::size_t size = 0;
  std::size_t capacity = 0;
};

}  // namespace sosie
