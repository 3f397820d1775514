#include <random>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "testing/golden.h"
#include "wire/line/line.h"

namespace sosie::line {
namespace {

std::string written(const Point& point, Precision precision = Precision::ns) {
  std::string out;
  append(out, point, precision);
  return out;
}

/// A point of which each name and text is `words`, and the kinds of value there are.
Point point_of(std::string_view words) {
  Point point;
  point.measurement = words;
  point.tags = {{words, words}, {"left_out", ""}};
  point.fields = {
      {words, words}, {"f", 0.1}, {"i", std::int64_t{-5}}, {"u", std::uint64_t{5}}, {"b", true}};
  point.time = Timestamp(Duration(1'465'839'830'100'400));
  return point;
}

TEST_CASE("line writer: what needs an escape has one, and no other") {
  std::string lines;
  for (const std::string_view words :
       {"plain", "with blank", "a,b", "a=b", "say \"x\"", "C:\\dir", "ends\\", "ends\\\\", "a\\,b",
        "a\\ b", "a\\=b", "#comment", "two\nlines", "tab\there", "débit d'été", "${x}", "'",
        "  "}) {
    lines += written(point_of(words));
  }
  testing::check_golden("wire/line/written.golden", lines);
}

TEST_CASE("line writer: numbers are as InfluxDB reads them") {
  Point point;
  point.measurement = "m";
  for (const double value : {0.0, -0.0, 1.0, 1e21, 1.7976931348623157e308, 5e-324, 0.1, 1e-7}) {
    point.fields = {{"v", value}};
    const auto line = written(point);
    CAPTURE(line);
    Parser parser(Precision::ns);
    const auto read = parser.parse(std::string_view(line).substr(0, line.size() - 1));
    REQUIRE(read);
    CHECK(std::get<double>((*read)->fields[0].value) == value);
  }
}

TEST_CASE("line writer: a time is rounded down to the unit that was agreed on") {
  struct Case {
    Precision precision;
    std::int64_t us;
    std::string_view expected;
  };
  const Case cases[] = {
      {Precision::ns, 1'500'001, "1500001000"},
      {Precision::us, 1'500'001, "1500001"},
      {Precision::ms, 1'500'001, "1500"},
      {Precision::s, 1'500'001, "1"},
      {Precision::m, 61'000'000, "1"},
      {Precision::h, 3'600'000'000, "1"},
      {Precision::ms, -1, "-1"},
      {Precision::ns, 0, "0"},
  };
  for (const auto& c : cases) {
    Point point;
    point.measurement = "m";
    point.fields = {{"v", true}};
    point.time = Timestamp(Duration(c.us));
    CHECK(written(point, c.precision) == fmt::format("m v=true {}\n", c.expected));
  }
}

/// What a name comes back as: what cannot be said in one has become something near.
std::string sayable(std::string_view text, std::string_view escaped) {
  std::string said(text);
  for (auto& c : said) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  for (std::size_t i = said.size(); i-- > 0;) {
    const bool is_end = i + 1 == said.size();
    const char next = is_end ? '\0' : said[i + 1];
    const bool of_a_run = next == '/' && text[i + 1] == '\\';
    if (said[i] == '\\' && (is_end || of_a_run || escaped.find(next) != std::string_view::npos)) {
      said[i] = '/';
    }
  }
  return said;
}

TEST_CASE("line writer: whatever is written reads back the same") {
  std::mt19937 random(7);
  constexpr std::string_view letters = "ab,= \\\"#\n\t\x01é/";
  const auto word = [&] {
    std::string text;
    const auto length = 1 + random() % 6;
    for (std::size_t i = 0; i < length; ++i) text += letters[random() % letters.size()];
    return text;
  };
  for (int round = 0; round < 20'000; ++round) {
    const std::string words[] = {word(), word(), word(), word(), word(), word()};
    const double number =
        std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 90) - 60);
    Point point;
    point.measurement = words[0];
    point.tags = {{words[1], words[2]}};
    point.fields = {{words[3], number}, {words[4], words[5]}};
    point.time = Timestamp(Duration(static_cast<std::int64_t>(random())));
    auto body = written(point) + written(point);
    std::string_view rest = body;
    CAPTURE(body);
    for (int line = 0; line < 2; ++line) {
      const auto text = next_line(rest);
      REQUIRE(text);
      Parser parser(Precision::ns);
      const auto read = parser.parse(*text);
      if (!read) FAIL(read.error().what);
      auto measurement = sayable(words[0], ", ");
      if (measurement[0] == '#') measurement[0] = '_';
      CHECK((*read)->measurement == measurement);
      REQUIRE((*read)->tags.size() == 1);
      CHECK((*read)->tags[0].key == sayable(words[1], ",= "));
      CHECK((*read)->tags[0].value == sayable(words[2], ",= "));
      REQUIRE((*read)->fields.size() == 2);
      CHECK((*read)->fields[0].key == sayable(words[3], ",= "));
      CHECK(std::get<double>((*read)->fields[0].value) == number);
      CHECK((*read)->fields[1].key == sayable(words[4], ",= "));
      CHECK(std::get<std::string_view>((*read)->fields[1].value) == words[5]);
      CHECK((*read)->time == point.time);
    }
    CHECK_FALSE(next_line(rest));
  }
}

}  // namespace
}  // namespace sosie::line
