#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/reading.h"
#include "core/source.h"
#include "wire/mqtt/client.h"

namespace sosie::mqtt {

/// What an Interpreter wants said at the broker.
struct Reply {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retain = false;
};

/// Turns messages into readings: one for each way in which senders speak.
///
/// Threads: one at a time.
class Interpreter {
 public:
  virtual ~Interpreter() = default;

  /// Before each attempt to connect: it may have a will, and something to say as soon as we are
  /// there (take_replies).
  virtual void connecting(Config& /*client*/, Timestamp /*now*/) {}

  /// Appends the message's readings to `out`. Errors (invalid): why it is none, or what of it; what
  /// was appended counts.
  virtual Result<void> read(const Message& message, Intake& intake, std::vector<Reading>& out) = 0;

  /// What is to be said before we leave; where we cannot, the broker says our will.
  virtual std::optional<Reply> last_word(Timestamp /*now*/) const { return std::nullopt; }

  /// Messages that showed, each for another series, that it has two senders. Any thread.
  virtual std::uint64_t contested() const { return 0; }

  /// What is to be said now.
  virtual std::vector<Reply> take_replies() { return {}; }
};

/// How messages are to be read, and the topics at which they come.
struct Interpretation {
  std::unique_ptr<Interpreter> interpreter;
  std::vector<std::string> topics;
};

}  // namespace sosie::mqtt
