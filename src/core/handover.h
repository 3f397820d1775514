#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/finding.h"
#include "core/series.h"

namespace sosie {

/// Devices that go from one process to another together, with what the rules know of them: of
/// Kafka, those of a partition. A source tells of it in its deliveries (Delivery::handovers).
///
///     comes ─ deliveries of the recent past (Delivery::is_past) ─ is_here ─ deliveries … ─ goes
struct Handover {
  enum class What : std::uint8_t {
    comes,     ///< these devices are ours from here on; their recent past follows
    is_here,   ///< that was their past: what follows of them is new
    holds,     ///< `series` belong to it
    goes,      ///< its devices are another's
    complete,  ///< what has not come by now is not ours
    waits,     ///< more of it lies unread: what goes by time waits for it
    is_read,   ///< no more
    in_part,   ///< `part` is the readers among whom a source is: others of them have some of its
               ///< devices, so nothing can be said of all of a group's
    is_whole,  ///< no other has any
  };
  What what = What::comes;
  std::string part;              ///< its name, the same in every process; empty of `complete`
  std::vector<SeriesId> series;  ///< of `holds`
  /// Of `comes`: the episodes that were open when its past begins, or began in it, whether they
  /// have ended since or not; by `episode`, with one suspect. Their `id` means nothing here.
  std::vector<Finding> episodes;
  Timestamp since{};  ///< of `comes`: its past is told from here on
};

}  // namespace sosie
