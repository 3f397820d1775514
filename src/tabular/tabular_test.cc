#include <cmath>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tabular/cells.h"
#include "tabular/sheet.h"
#include "tabular/time_guess.h"

namespace sosie::tabular {
namespace {

TEST_CASE("cells: what is missing, a number, a boolean") {
  for (const auto* const text : {"", " ", "NA", "n/a", "NaN", "null", "-", "?", "#N/A"}) {
    CAPTURE(text);
    CHECK(is_missing(text));
  }
  for (const auto* const text : {"0", "-1", "no", "a value that is longer than any word"}) {
    CAPTURE(text);
    CHECK_FALSE(is_missing(text));
  }
  CHECK(to_value(" 1.5 ", '.') == 1.5);
  CHECK(to_value("1,5", ',') == 1.5);
  CHECK(to_value("-1,5e3", ',') == -1500);
  CHECK(to_value("7", ',') == 7);
  CHECK_FALSE(to_value("1.000,5", ','));
  CHECK_FALSE(to_value("1,5", '.'));
  CHECK_FALSE(to_value("inf", '.'));
  CHECK(to_boolean("TRUE") == true);
  CHECK(to_boolean(" no ") == false);
  CHECK_FALSE(to_boolean("maybe"));
}

TEST_CASE("time guess: of anybody's times") {
  struct Case {
    const char* name;
    std::vector<std::string> texts;
    const char* expected;
  };
  const Case cases[] = {
      {"ISO", {"2020-03-09 10:14:33", "2020-03-09 10:14:34"}, "iso"},
      {"ISO with a zone", {"2020-03-09T10:14:33.5+01:00"}, "iso"},
      {"a date", {"2020-03-09", "2020-03-10"}, "iso"},
      {"seconds", {"1583748873", "1583748874"}, "unix"},
      {"milliseconds", {"1583748873000"}, "unix_ms"},
      {"microseconds", {"1583748873000000"}, "unix_us"},
      {"nanoseconds", {"1583748873000000000"}, "unix_ns"},
      {"from some start", {"0.0", "0.004", "0.008"}, "unix relative"},
      {"the day is above 12", {"13/01/2014 00:00", "14/01/2014 00:00"}, "%d/%m/%Y %H:%M"},
      {"the month is second", {"01/13/2014 00:00", "01/14/2014 00:00"}, "%m/%d/%Y %H:%M"},
      {"an hour and no minutes", {"06/01/14 00", "06/01/14 01"}, "%d/%m/%y %H ambiguous"},
      {"told by the steps: months would leap",
       {"01/02/2014 23:00", "02/02/2014 00:00", "02/02/2014 01:00", "02/02/2014 02:00"},
       "%d/%m/%Y %H:%M"},
      {"SWaT's", {"28/12/2015 10:00:00 AM", "28/12/2015 10:00:01 AM"}, "%d/%m/%Y %I:%M:%S %p"},
      {"dots", {"31.12.2015 23:59:59"}, "%d.%m.%Y %H:%M:%S"},
      {"slashes, year first", {"2015/12/31 23:59"}, "%Y/%m/%d %H:%M"},
      {"words", {"monday", "tuesday"}, ""},
      {"nothing", {}, ""},
      {"one in twenty is missing", {"2020-03-09 10:14:33", "NA", "2020-03-09 10:14:35"}, "iso"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto guess = guess_time(c.texts);
    CHECK(guess.format + (guess.is_ambiguous ? " ambiguous" : "") +
              (guess.is_relative ? " relative" : "") ==
          c.expected);
  }
}

std::string value_text(double value) {
  return std::isnan(value) ? "?" : fmt::format("{:g}", value);
}

/// "name:values" of each sensor, or the error.
std::string read_all(const std::string& text, const SheetRequest& request) {
  auto sheet = Sheet::of(text, request);
  if (!sheet) return sheet.error().what;
  std::vector<std::string> parts;
  for (const auto& column : sheet->columns()) parts.push_back(column.name + ":");
  SheetRow row;
  for (;;) {
    const auto more = sheet->next(row);
    REQUIRE(more);
    if (!*more) break;
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] += " " + value_text(row.values[i]);
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

SheetRequest timed(const char* column) {
  SheetRequest request;
  request.time = column;
  return request;
}

SheetRequest without(const char* column) {
  SheetRequest request;
  request.ignore.emplace_back(column);
  return request;
}

TEST_CASE("sheet: anybody's table") {
  struct Case {
    const char* name;
    const char* text;
    SheetRequest request;
    const char* expected;
  };
  const Case cases[] = {
      {"plain", "t,a,b\n2020-01-01,1,2\n2020-01-02,3,4\n", timed("t"), "a: 1 3; b: 2 4"},
      {"semicolons and decimal commas", "t;a\n1;1,5\n2;2,5\n9;0\n", timed("t"), "a: 1.5 2.5 0"},
      {"tabs", "a\tb\n1\t2\n", {}, "a: 1; b: 2"},
      {"quotes", "\"a, or not\",\"b\"\r\n\"1\",\"2\"\r\n", {}, "a, or not: 1; b: 2"},
      {"missing cells", "a,b\n1,\nNA,2\n", {}, "a: 1 ?; b: ? 2"},
      {"a short and a long row", "a,b\n1\n1,2,3\n", {}, "a: 1 1; b: ? 2"},
      {"a row that cannot be read is a row", "a,b\n1,2\n\"3\"x,4\n5,6\n", {}, "a: 1 ? 5; b: 2 ? 6"},
      {"booleans", "a,b\ntrue,1\nfalse,2\n", {}, "a: 1 0; b: 1 2"},
      {"two words", "a,b\nrun,1\nstop,2\nrun,4\n", {}, "a: 0 1 0; b: 1 2 4"},
      {"many words", "a,b\nx,1\ny,2\nz,4\n", {}, "b: 1 2 4"},
      {"a word among numbers", "a\n1\n2\nBad\n4\n", {}, "a: 1 2 ? 4"},
      {"a column of nothing", "a,b\n,1\n,2\n", {}, "a: ? ?; b: 1 2"},
      {"ignored", "a,b\n1,2\n", without("a"), "b: 2"},
      {"no header", "1.5,2\n3,5\n", {}, "column_1: 1.5 3; column_2: 2 5"},
      {"a header that counts", "0,1\n3,5\n", {}, "0: 3; 1: 5"},
      {"a column without a name", ",b\n7,2\n", {}, "column_1: 7; b: 2"},
      {"no such column", "time,a\n1,2\n", timed("tme"),
       "there is no column 'tme'; the file has time, a; did you mean 'time'?"},
      {"nothing to judge", "t,a\n1,x\n2,y\n3,z\n", timed("t"),
       "no column of numbers is left to judge; the file has t, a"},
      {"an empty file", "", {}, "the file is empty"},
      {"a header alone", "a,b\n", {}, "a:; b:"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(read_all(c.text, c.request) == c.expected);
  }
}

TEST_CASE("sheet: a word that comes late is another state") {
  struct Case {
    const char* name;
    std::string early;
    std::string late;
    double first;
  };
  const Case cases[] = {{"a boolean's opposite", "OPEN", "CLOSED", 1},
                        {"another word than a boolean", "OPEN", "SHUT", 1},
                        {"a word alone", "RUN", "TRIP", 0}};
  for (const auto& c : cases) {
    CAPTURE(c.name);
    std::string text = "valve,a\n";
    for (int i = 0; i < 40; ++i) text += fmt::format("{},{}\n", i < 30 ? c.early : c.late, i % 7);
    SheetRequest request;
    request.sample_rows = 10;
    auto sheet = Sheet::of(text, request);
    REQUIRE(sheet);
    SheetRow row;
    for (int i = 0; i < 40; ++i) {
      REQUIRE(*sheet->next(row));
      CHECK_FALSE(std::isnan(row.values[0]));
      CHECK((row.values[0] == c.first) == (i < 30));
    }
  }
}

TEST_CASE("sheet: a column that counts the rows is left out") {
  std::string text = "n,a\n";
  for (int i = 0; i < 30; ++i) text += fmt::format("{},{}\n", i + 1, i % 7);
  CHECK(read_all(text, {}).starts_with("a:"));
}

/// A row every `step_s` seconds from 1 March 2024 on, with the month or the day first.
std::string dated(int rows, int step_s, bool is_month_first) {
  std::string text = "t,a\n";
  for (int i = 0; i < rows; ++i) {
    const int at = i * step_s;
    const int day = 1 + at / 86'400;
    text += fmt::format("{:02}/{:02}/2024 {:02}:{:02},{}\n", is_month_first ? 3 : day,
                        is_month_first ? day : 3, at / 3600 % 24, at / 60 % 60, i % 7);
  }
  return text;
}

TEST_CASE("sheet: whether the day or the month comes first is told by all rows") {
  struct Case {
    const char* name;
    std::string text;
    const char* format;
    const char* note;
  };
  const Case cases[] = {
      {"days above 12, late", dated(20 * 1440, 60, true), "%m/%d/%Y %H:%M",
       "the month comes first"},
      {"even steps alone", dated(3 * 1440, 60, true), "%m/%d/%Y %H:%M", "the month comes first"},
      {"even steps, the day first", dated(3 * 1440, 60, false), "%d/%m/%Y %H:%M",
       "the day comes first"},
      {"one day", dated(600, 60, true), "%d/%m/%Y %H:%M", "taken for the day"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto sheet = Sheet::of(c.text, timed("t"));
    REQUIRE(sheet);
    CHECK(sheet->time_format() == c.format);
    CHECK(fmt::format("{}", fmt::join(sheet->notes(), "; ")).find(c.note) != std::string::npos);
  }
}

TEST_CASE("sheet: times and labels") {
  std::string more;
  for (int i = 10; i < 40; ++i) more += fmt::format("2020-01-02 00:00:{},{},ok\n", i, i % 7);
  auto sheet = Sheet::of("t,a,y\n2020-01-01 00:00:00,1,ok\nlater,2,leak\n" + more,
                         {.time = "t", .label = "y", .ignore = {}});
  REQUIRE(sheet);
  SheetRow row;
  REQUIRE(*sheet->next(row));
  CHECK(to_iso8601(*row.at) == "2020-01-01T00:00:00Z");
  CHECK(sheet->label_texts()[row.label] == "ok");
  REQUIRE(*sheet->next(row));
  CHECK_FALSE(row.at);
  CHECK(row.time == "later");
  CHECK(sheet->label_texts()[row.label] == "leak");
  CHECK(sheet->untimed_rows() == 1);
}

TEST_CASE("sheet: which labels mean abnormal") {
  struct Case {
    const char* name;
    std::vector<std::string> texts;
    std::vector<std::uint64_t> counts;
    std::vector<bool> expected;
  };
  const Case cases[] = {
      {"0 and 1", {"1", "0"}, {90, 10}, {true, false}},
      {"0.0 and 1.0", {"0.0", "1.0"}, {90, 10}, {false, true}},
      {"words", {"FALSE", "TRUE"}, {1, 1}, {false, true}},
      {"SWaT's", {"Normal", "Attack", "A ttack"}, {90, 9, 1}, {false, true, true}},
      {"the most frequent is normal", {"-999", "1"}, {90, 10}, {false, true}},
      {"the other way round", {"1", "-1"}, {90, 10}, {false, true}},
      {"not given is not abnormal", {"", "0", "1"}, {5, 90, 10}, {false, false, true}},
      {"kinds of faults", {"healthy", "leak", "stuck"}, {1, 5, 9}, {false, true, true}},
      {"none", {}, {}, {}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(abnormal_labels(c.texts, c.counts) == c.expected);
  }
}

}  // namespace
}  // namespace sosie::tabular
