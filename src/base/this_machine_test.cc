#include "base/this_machine.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

TEST_CASE("what is this machine, and what only might be") {
  struct Case {
    std::string_view host;
    bool is_this;
  };
  constexpr Case cases[] = {
      {"localhost", true},
      {"localhost:1883", true},
      {"127.0.0.1", true},
      {"127.1.2.3:80", true},
      {"::1", true},
      {"[::1]", true},
      {"[::1]:1026", true},
      {"broker", false},
      {"localhost.example.org", false},
      {"192.168.1.4", false},
      {"fe80::1", false},
      {"[fe80::1]:80", false},
      {"broker:1883", false},
      {"1::1", false},
      {"127.example.org", false},
      {"127.0.0.1.example.org:80", false},
      {"", false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.host);
    CHECK(is_this_machine(c.host) == c.is_this);
  }
}

}  // namespace
}  // namespace sosie
