#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace sosie::models {

/// What a model was learned of, kept inside of its file: by this it is known whether it fits.
struct About {
  std::string asset;
  Duration period{};                ///< of the frames
  std::vector<std::string> series;  ///< names, of all sensors that the data had
  bool operator==(const About&) const = default;
};

std::string to_json(const About& about);
/// Errors: corrupt.
Result<About> about_from_json(std::string_view text);

/// How a model fits what is here now.
struct Fit {
  bool is_fit = true;
  std::string what;  ///< why not, or what it does not know; empty: it knows everything here
};

/// It does not fit where the frames come more than a tenth slower or faster than those it was
/// learned from, or where less than half of its sensors are here (a model of another plant).
/// Nothing is said of a plant that has no sensor yet.
Fit fit_of(const About& about, Duration period, const std::vector<std::string>& series);

/// Which of `series` it does not know, in words; empty: none.
std::string strangers_of(const About& about, const std::vector<std::string>& series);

}  // namespace sosie::models
