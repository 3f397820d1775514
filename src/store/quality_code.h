#pragma once

#include "core/reading.h"
#include "store/bytes.h"

namespace sosie {

inline constexpr unsigned qualities = 3;
inline constexpr unsigned quality_reasons = 9;

/// A reading's quality and reason as one byte, the same in chunks and in the log of batches.
inline std::uint8_t quality_code(const Reading& reading) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(reading.reason) * qualities +
                                   static_cast<unsigned>(reading.quality));
}

/// False where `code` is no quality's (damage); `reading` then stays as it was.
inline bool set_quality(Reading& reading, std::uint8_t code) {
  if (code >= qualities * quality_reasons) return false;
  reading.quality = static_cast<Quality>(code % qualities);
  reading.reason = static_cast<QualityReason>(code / qualities);
  return true;
}

}  // namespace sosie
