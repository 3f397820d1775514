#pragma once

#include <cstdlib>
#include <string>

namespace sosie::app {

/// A variable of the environment; empty: it is not there.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace sosie::app
