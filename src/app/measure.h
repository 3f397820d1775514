#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "wire/json/writer.h"

namespace sosie::app {

/// What single calls took, in seconds.
struct Percentiles {
  std::size_t calls = 0;
  double p50_s = 0;
  double p95_s = 0;
  double p99_s = 0;
};

Percentiles percentiles(std::vector<double> seconds);

/// Times each of `calls` calls by itself, after a tenth as many to warm up.
template <class Call>
Percentiles time_each(std::size_t calls, const Call& call) {
  for (std::size_t i = 0; i < calls / 10; ++i) call(i);
  std::vector<double> seconds;
  seconds.reserve(calls);
  for (std::size_t i = 0; i < calls; ++i) {
    const auto began = stopwatch();
    call(i);
    seconds.push_back(std::chrono::duration<double>(stopwatch() - began).count());
  }
  return percentiles(std::move(seconds));
}

/// A line of the report: what was measured, what it must be, whether it is.
struct Measured {
  std::string name;
  double value = 0;
  std::string unit;
  double must = 0;  ///< at most this, or at least where `more_is_better`
  double aim = 0;
  bool more_is_better = false;

  bool holds() const { return more_is_better ? value >= must : value <= must; }
};

std::string to_text(std::span<const Measured> lines);
void write(json::Writer& out, std::span<const Measured> lines);

}  // namespace sosie::app
