#pragma once

#include <atomic>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/guarded.h"
#include "base/log.h"

namespace sosie::ngsi {

/// Orion's trace levels: a set of numbers from 0 to 255.
using TraceLevels = std::bitset<256>;

/// "19,21-25"; nothing if it is no list of numbers and ranges.
std::optional<TraceLevels> parse_trace_levels(std::string_view text);

/// "19, 21-25"; "empty" if there is none.
std::string print_trace_levels(const TraceLevels& levels);

/// Whether Orion has a level of this name: NONE, FATAL, ERROR, WARN, WARNING, INFO, DEBUG.
bool is_log_level(std::string_view name);

/// What `/admin/log` and `/log/trace` choose while the broker runs.
///
/// Threads: any.
class LogSettings {
 public:
  /// By Orion's name; false: there is no such.
  bool set_level(std::string_view name);
  std::string_view level() const;

  std::atomic<std::uint64_t> line_limit{32768};    ///< bytes of a line of a trace
  std::atomic<std::uint64_t> payload_limit{5120};  ///< bytes of a body in a line
  std::atomic<bool> tells_deprecated{false};       ///< of requests of NGSI v1

  TraceLevels traces();
  void set_traces(const TraceLevels& levels);

  /// The bodies of requests and of answers go into the log, at DEBUG.
  bool traces_requests() const { return traces_requests_.load(std::memory_order_relaxed); }
  bool traces_answers() const { return traces_answers_.load(std::memory_order_relaxed); }

  /// A line with a body, neither longer than they may be; not of a body with a password in it.
  void trace(std::string_view what, std::string_view body) const;

 private:
  std::atomic<std::size_t> level_{5};  ///< in the table of levels: INFO
  Guarded<TraceLevels> traces_;
  std::atomic<bool> traces_requests_{false};
  std::atomic<bool> traces_answers_{false};
};

}  // namespace sosie::ngsi
