#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "operators/window/shape.h"

namespace sosie::window {

/// Sessions: readings that follow each other within `gap`. One is told of, dated by its last
/// reading, when nothing that may still come could belong to it: a gap and the lateness after it.
/// So none is ever amended.
class SessionWindows final : public Windows {
 public:
  explicit SessionWindows(const Shape& shape) : shape_(shape) {}

  std::uint32_t add_key() override;
  Taken take_of(const Speaker& speaker, std::uint32_t key, const Point& point,
                Results& out) override;
  std::uint64_t settle(Results& /*out*/) override { return 0; }
  void advance(Micros now, Results& out) override;

 private:
  using Session = Course;  ///< never empty
  struct Key {
    std::vector<Session> open;                         ///< in order of time
    Micros told = std::numeric_limits<Micros>::min();  ///< what is not younger can join none
  };
  void insert(Key& key, const Point& point, const Speaker& speaker) const;
  void close(std::uint32_t key, Micros now, Results& out);

  const Shape shape_;
  std::vector<Key> keys_;
  Micros newest_ = std::numeric_limits<Micros>::min();
  Micros next_look_ = std::numeric_limits<Micros>::min();
  Measurer measurer_;
};

}  // namespace sosie::window
