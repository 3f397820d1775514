#include "evaluation/spans.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "base/random.h"

namespace sosie {
namespace {

Timestamp at_us(int us) {
  return Timestamp(Duration(us));
}
Span span(int begin, int end) {
  return {at_us(begin), at_us(end)};
}

TEST_CASE("spans: cut") {
  CHECK(cut(span(1, 5), span(0, 10)) == span(1, 5));
  CHECK(cut(span(-5, 50), span(0, 10)) == span(0, 10));
  CHECK(cut(span(-5, 0), span(0, 10)) == span(0, 0));
  CHECK_FALSE(cut(span(10, 12), span(0, 10)));
  CHECK_FALSE(cut(span(-5, -1), span(0, 10)));
  CHECK(cut(span(5, 3), span(0, 10)) == span(5, 5));
}

TEST_CASE("spans: joined makes one of what touches") {
  const std::vector<Span> spans{span(5, 9), span(1, 2), span(2, 3), span(6, 7), span(20, 20)};
  CHECK(joined(spans) == std::vector<Span>{span(1, 3), span(5, 9), span(20, 20)});
  CHECK(total(joined(spans)) == Duration(6));
}

TEST_CASE("spans: searches agree with looking at every one") {
  Random random(11);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<Span> spans;
    for (std::uint64_t i = random.below(12); i > 0; --i) {
      const int begin = static_cast<int>(random.below(100));
      spans.push_back(span(begin, begin + static_cast<int>(random.below(30))));
    }
    const int begin = static_cast<int>(random.below(110)) - 5;
    const Span wanted = span(begin, begin + static_cast<int>(random.below(20)));

    Duration shared{0};
    for (int t = begin; t < begin + (wanted.end - wanted.begin).count(); ++t) {
      const bool covered = std::any_of(spans.begin(), spans.end(), [&](const Span& s) {
        return s.begin <= at_us(t) && at_us(t) < s.end;
      });
      if (covered) shared += Duration(1);
    }
    const std::vector<Span> one{wanted};
    CHECK(shared_time(joined(spans), one) == shared);
    CHECK(shared_time(one, joined(spans)) == shared);
  }
}

}  // namespace
}  // namespace sosie
