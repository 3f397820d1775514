#pragma once

#include <span>
#include <string>

#include "base/time_text.h"

namespace sosie::tabular {

/// How a column of times is written.
struct TimeGuess {
  std::string format;         ///< as TimeReader wants it; empty: no format reads these
  bool is_ambiguous = false;  ///< day or month first: nothing in them tells; day first was taken
  bool is_told = false;  ///< day or month first: the other would be read as well, but for the steps
  bool is_relative = false;  ///< plain small numbers: taken for seconds from some start
};

/// From the first texts of the column: ISO 8601, epochs (seconds to nanoseconds, by their size),
/// and the usual ways of writing day, month and year. A format counts if it reads nine in ten of
/// the texts; among several, the one whose times go back least and step most evenly; of day and
/// month the order that reads more.
TimeGuess guess_time(std::span<const std::string> texts);

}  // namespace sosie::tabular
