#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/frame.h"
#include "store/records.h"

namespace sosie {

/// When sensors are not to be learned from: what they say then is as if they were under
/// maintenance, there and without a value.
///
/// Threads: one.
class Blanks {
 public:
  /// [from, to] of one sensor, or of all of them.
  void add(SeriesId series, Timestamp from, Timestamp to);
  void add_all(Timestamp from, Timestamp to);

  /// Takes back what was added of `series` and touches [from, to].
  void remove(SeriesId series, Timestamp from, Timestamp to);

  std::size_t size() const;
  bool is_empty() const { return size() == 0; }

 private:
  friend class BlankedFrame;
  struct Stretch {
    Timestamp from;
    Timestamp to;
  };
  static bool covers(const std::vector<Stretch>& stretches, Timestamp at);

  std::map<SeriesId, std::vector<Stretch>> of_series_;
  std::vector<Stretch> of_all_;
};

/// A frame with what is blanked left out of it.
class BlankedFrame {
 public:
  explicit BlankedFrame(const Blanks& blanks) : blanks_(blanks) {}

  /// None: all of it is blanked. Valid until the next call.
  const Frame* of(const Frame& frame, const AssetColumns& columns);

 private:
  const Blanks& blanks_;
  std::vector<double> values_;
  Frame frame_;
};

}  // namespace sosie
