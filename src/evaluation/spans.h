#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"

namespace sosie {

/// From one instant to another, both belonging to it: an event of no length is an event.
struct Span {
  Timestamp begin;
  Timestamp end;
  bool operator==(const Span&) const = default;
};

bool overlap(Span a, Span b);

/// The part of `span` that lies in [within.begin, within.end); none if there is none.
std::optional<Span> cut(Span span, Span within);

/// Sorted, and what overlaps or touches made one.
std::vector<Span> joined(std::span<const Span> spans);

Duration total(std::span<const Span> disjoint);
Duration shared_time(Span a, Span b);
/// REQUIRES: both are joined.
Duration shared_time(std::span<const Span> a, std::span<const Span> b);

}  // namespace sosie
