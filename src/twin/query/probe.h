#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "twin/model/entity.h"
#include "twin/model/text.h"

namespace sosie::ngsi {

/// What can be known of a value from 8 bytes: a number is its own bits; a text, what is not there
/// and everything else are NaNs of different kinds, a text's with 48 bits of its hash.
using Digest = std::uint64_t;

inline constexpr Digest digest_absent = Digest{0xFFF9} << 48U;
inline constexpr Digest digest_other = Digest{0xFFFA} << 48U;  ///< look at the value itself
inline constexpr Digest digest_text = Digest{0xFFFB} << 48U;

Digest digest_of(const Value& value);
/// Null: it is not there.
Digest digest_of(const Attribute* attribute);

/// A test of one attribute's value that every entity passes which matches a statement, and few
/// others: so a million entities can be gone through by their digests alone, 8 bytes each.
struct Probe {
  struct Span {
    double low = 0;  ///< both ends included
    double high = 0;
  };
  Text attribute{};
  std::vector<Span> numbers{};
  std::vector<Digest> texts{};

  bool passes(Digest digest) const {
    const auto number = std::bit_cast<double>(digest);  // a NaN is in no span
    for (const auto& span : numbers) {
      if (number >= span.low && number <= span.high) return true;
    }
    if (digest < digest_absent) return false;
    if (digest < digest_text) return digest == digest_other;
    for (const auto text : texts) {
      if (digest == text) return true;
    }
    return false;
  }
};

}  // namespace sosie::ngsi
