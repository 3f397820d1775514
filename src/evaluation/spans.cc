#include "evaluation/spans.h"

#include <algorithm>

namespace sosie {

bool overlap(Span a, Span b) {
  return a.begin <= b.end && b.begin <= a.end;
}

std::optional<Span> cut(Span span, Span within) {
  if (span.end < span.begin) span.end = span.begin;
  if (span.begin >= within.end || span.end < within.begin) return std::nullopt;
  return Span{std::max(span.begin, within.begin), std::min(span.end, within.end)};
}

std::vector<Span> joined(std::span<const Span> spans) {
  std::vector<Span> sorted(spans.begin(), spans.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> result;
  for (const auto& span : sorted) {
    if (result.empty() || span.begin > result.back().end) {
      result.push_back(span);
    } else {
      result.back().end = std::max(result.back().end, span.end);
    }
  }
  return result;
}

Duration total(std::span<const Span> disjoint) {
  Duration sum{0};
  for (const auto& span : disjoint) sum += span.end - span.begin;
  return sum;
}

Duration shared_time(Span a, Span b) {
  return std::max(Duration::zero(), std::min(a.end, b.end) - std::max(a.begin, b.begin));
}

Duration shared_time(std::span<const Span> a, std::span<const Span> b) {
  Duration sum{0};
  std::size_t j = 0;
  for (const auto& one : a) {
    while (j < b.size() && b[j].end < one.begin) ++j;
    for (std::size_t k = j; k < b.size() && b[k].begin <= one.end; ++k) {
      sum += shared_time(one, b[k]);
    }
  }
  return sum;
}

}  // namespace sosie
