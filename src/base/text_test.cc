#include "base/text.h"

#include <array>

#include <doctest/doctest.h>

namespace sosie {
namespace {

TEST_CASE("wildcards") {
  struct Case {
    std::string_view pattern;
    std::string_view text;
    bool matches;
  };
  const Case cases[] = {
      {"*", "", true},
      {"*", "AIT-306", true},
      {"", "", true},
      {"", "a", false},
      {"AIT-*", "AIT-306", true},
      {"AIT-*", "FIT-306", false},
      {"A?T", "AIT", true},
      {"A?T", "AT", false},
      {"*b*c", "abbcbc", true},
      {"*b*c", "abbcb", false},
      {"a*", "a", true},
      {"a?*", "a", false},
      {"*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.pattern);
    CAPTURE(c.text);
    CHECK(matches_wildcards(c.pattern, c.text) == c.matches);
  }
}

TEST_CASE("to_number: the whole text, finite, or nothing") {
  struct Case {
    std::string_view text;
    std::optional<double> expected;
  };
  const Case cases[] = {
      {"1.5", 1.5},           {" -2 ", -2},          {"+3e2", 300},
      {"", std::nullopt},     {"1,5", std::nullopt}, {"1 2", std::nullopt},
      {"nan", std::nullopt},  {"inf", std::nullopt}, {"1e999", std::nullopt},
      {"0x10", std::nullopt},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(to_number(c.text) == c.expected);
  }
}

TEST_CASE("to_duration_us: a number and a unit") {
  struct Case {
    std::string_view text;
    std::optional<std::int64_t> expected;
  };
  const Case cases[] = {
      {"5s", 5'000'000},       {"250ms", 250'000},    {"1.5m", 90'000'000}, {"24h", 86'400'000'000},
      {"7d", 604'800'000'000}, {"3", 3'000'000},      {"5 s", 5'000'000},   {"s", std::nullopt},
      {"5y", std::nullopt},    {"-5s", std::nullopt}, {"", std::nullopt},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(to_duration_us(c.text) == c.expected);
  }
}

TEST_CASE("nearest: what was probably meant") {
  constexpr std::array<std::string_view, 3> names{"threshold", "forest", "stuck"};
  CHECK(nearest("forst", names) == "forest");
  CHECK(nearest("treshold", names) == "threshold");
  CHECK_FALSE(nearest("kafka", names).has_value());
}

TEST_CASE("slug: names that metrics and addresses can bear") {
  CHECK(slug("Décantation primaire") == "decantation_primaire");
  CHECK(slug("Sortie/Contrôle") == "sortie_controle");
  CHECK(slug("  pH ") == "ph");
  CHECK(slug("débit d'air") == "debit_d_air");
  CHECK(slug("") == "");
}

TEST_CASE("json_escaped: nothing raw that JSON forbids, bytes that are no UTF-8 replaced") {
  CHECK(json_escaped("a\"b\\c") == "a\\\"b\\\\c");
  CHECK(json_escaped("line\nend\x01") == "line\\nend\\u0001");
  CHECK(json_escaped("é") == "é");
  CHECK(json_escaped("a\xFF") == "a\xEF\xBF\xBD");
  CHECK(json_escaped("\xC3") == "\xEF\xBF\xBD");
  CHECK(json_escaped("\xED\xA0\x80").find("\xEF\xBF\xBD") == 0);  // a lone surrogate
}

TEST_CASE("split and trim") {
  CHECK(split("a,b,,c", ',') == std::vector<std::string_view>{"a", "b", "", "c"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(trim(" \t a b \r\n") == "a b");
  CHECK(trim("   ").empty());
}

}  // namespace
}  // namespace sosie
