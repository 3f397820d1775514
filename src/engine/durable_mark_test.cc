#include "engine/durable_mark.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

constexpr std::chrono::microseconds none{0};

TEST_CASE("durable mark: the committer is asked by number, or for what stands before it") {
  DurableMark mark;
  CHECK_FALSE(mark.wait_for_asker(none));
  mark.hurry();
  CHECK(mark.wait_for_asker(none));
  CHECK_FALSE(mark.wait_for_asker(none));  // it was heard
  mark.hurry();
  CHECK_FALSE(mark.wait_for_asker(none, DurableMark::Heeds::who_cannot_wait));
  CHECK(mark.wait_for_asker(none));  // who was not heeded is next time
  mark.hurry(3);
  CHECK(mark.wait_for_asker(none));
  CHECK(mark.wait_for_asker(none));  // until the number is on disk
  mark.publish(3);
  CHECK_FALSE(mark.wait_for_asker(none));
  CHECK(mark.number() == 3);
}

}  // namespace
}  // namespace sosie
