#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/section.h"

namespace sosie::generating {

/// What becomes of a message on its way: one thing at most.
enum class Mishap : std::uint8_t {
  none,
  late,          ///< comes long after it was measured
  duplicate,     ///< comes twice
  out_of_order,  ///< comes after the device's next one
  cut,           ///< its end is missing
};

/// How often what happens: shares of the messages, by chance.
struct Mishaps {
  double late = 0;
  double duplicate = 0;
  double out_of_order = 0;
  double cut = 0;
  Duration late_by = std::chrono::minutes(5);  ///< at most; half of it at least

  /// `late`, `late_by`, `duplicate`, `out_of_order`, `cut`. Errors: no shares.
  static Result<Mishaps> read(Section& section);
};

/// Says what becomes of each message: the same for the same seed and number of the message.
///
/// Threads: any.
class Transport {
 public:
  /// `period`: from one message of a device to its next.
  Transport(const Mishaps& mishaps, std::uint64_t seed, Duration period);

  struct Fate {
    Mishap mishap = Mishap::none;
    Duration held{};  ///< how much later it comes (of a duplicate: the second)
    double kept = 1;  ///< of a cut one: the share of its bytes that comes, below 1
  };
  Fate fate(std::uint64_t sequence) const;

 private:
  std::uint64_t seed_;
  Duration period_;
  Duration late_by_;
  double late_;  ///< cumulative, as the following
  double duplicate_;
  double out_of_order_;
  double cut_;
};

/// Messages that are still on their way, the next to come first.
class HeldBack {
 public:
  struct Message {
    Timestamp due;
    std::uint64_t order = 0;  ///< among those due at one time
    std::string key;
    std::string payload;
    Timestamp at;
  };

  void put(Message message);
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  /// The next one if it is due at `now`.
  std::optional<Message> take(Timestamp now);

 private:
  std::vector<Message> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace sosie::generating
