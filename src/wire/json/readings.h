#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace sosie::json {

/// One reading as its JSON object says it; names not yet looked up.
struct ReadingItem {
  std::string_view entity;            ///< never empty
  std::string_view attribute;         ///< empty: left out
  double value = 0;                   ///< finite
  std::optional<Timestamp> time;      ///< none: left out
  std::string_view quality = "good";  ///< "good", "uncertain" or "bad"
};

/// Takes what a ReadingDecoder finds, in order; `index` counts all items of the body from 0.
/// Views are valid during the call only.
class ReadingVisitor {
 public:
  virtual ~ReadingVisitor() = default;
  virtual void reading(std::size_t index, const ReadingItem& item) = 0;
  /// What was read and what was expected; `sample` is the item's beginning.
  virtual void refused(std::size_t index, std::string_view reason, std::string_view sample) = 0;
};

/// Reads readings from JSON: an object, an array of objects, {"readings": [...]}, or JSON lines.
///
///     {"entity": "AIT-306-DO", "attribute": "o2_dissous", "value": 2.04,
///      "time": "2026-11-20T10:00:00Z", "quality": "good"}
///
/// `time` is ISO 8601 or milliseconds since the epoch. Each item stands alone: a wrong one is
/// refused and the next one read. A key used here that stands twice makes its item wrong; keys not
/// known here are passed over, but must be JSON. Where the text itself is broken (cut, not UTF-8)
/// the rest of it, or of its line in JSON lines, is refused as one item.
/// Limits: a body of 16 MiB, in JSON lines a line of 1 MiB, a name of 256 bytes, 32 levels.
///
/// Threads: one at a time. Keeps its buffers from call to call.
/// Budget: 250 ns an item of 180 bytes in a list.
class ReadingDecoder {
 public:
  ReadingDecoder();
  ~ReadingDecoder();
  ReadingDecoder(ReadingDecoder&&) noexcept;
  ReadingDecoder& operator=(ReadingDecoder&&) noexcept;

  /// Never fails as a whole: everything wrong goes to `visitor`, an empty body too.
  void decode(std::string_view body, ReadingVisitor& visitor);

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace sosie::json
