#pragma once

#include <string>

namespace sosie {

/// Four significant digits, as people write numbers: no exponent where it can be helped.
std::string digits(double value);

/// The same number with a comma.
std::string french(std::string number);

}  // namespace sosie
