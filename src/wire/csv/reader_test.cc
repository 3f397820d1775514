#include "wire/csv/reader.h"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/random.h"
#include "testing/server.h"
#include "wire/csv/writer.h"

namespace sosie::csv {
namespace {

/// Everything a reader says: "1[a|b] 3!problem".
std::string told(Reader reader) {
  std::string all;
  Row row;
  for (;;) {
    const auto more = reader.next(row);
    if (!more) return all + "ERROR " + more.error().what;
    if (!*Result<bool>(more)) return all;
    if (!all.empty()) all += ' ';
    all += fmt::format("{}[{}]", row.line, fmt::join(row.fields, "|"));
    if (!row.problem.empty()) all += "!" + row.problem;
  }
}

/// Hands a text out in small pieces, so that every boundary falls everywhere.
class Trickle final : public Input {
 public:
  Trickle(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t size = std::min({into.size(), piece_, text_.size() - at_});
    std::copy_n(text_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }
  Result<void> seek(std::uint64_t offset) override {
    at_ = offset;
    return {};
  }

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

struct Case {
  const char* name;
  std::string text;
  std::string expected;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"nothing", "", ""},
      {"blank lines only", "\n\r\n\r\n", ""},
      {"two records", "a,b\n1,2\n", "1[a|b] 2[1|2]"},
      {"no line break at the end", "a,b\n1,2", "1[a|b] 2[1|2]"},
      {"CRLF", "a,b\r\n1,2\r\n", "1[a|b] 2[1|2]"},
      {"CR", "a,b\r1,2\r", "1[a|b] 2[1|2]"},
      {"blank lines are passed over, and counted", "a,b\n\n\n1,2\n", "1[a|b] 4[1|2]"},
      {"empty fields", ",\n,,\n", "1[|] 2[||]"},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "a,b\n",
       "1[a|b]"},
      {"quotes", "\"a\",\"b c\"\n", "1[a|b c]"},
      {"a quote in quotes", "\"say \"\"a\"\"\",b\n", "1[say \"a\"|b]"},
      {"only a quote", "\"\"\"\",b\n", "1[\"|b]"},
      {"empty quotes", "\"\",b\n", "1[|b]"},
      {"a delimiter in quotes", "\"a,b\",c\n", "1[a,b|c]"},
      {"line breaks in quotes", "\"a\nb\",c\n\"d\r\ne\",f\ng,h\n", "1[a\nb|c] 3[d\r\ne|f] 5[g|h]"},
      {"a quote amid a field is a quote", "5\" pipe,b\n", "1[5\" pipe|b]"},
      {"text after a closing quote costs its line alone", "a,b\n\"x\"y,1\n2,3\n",
       "1[a|b] 2[\"x\"y,1]!there is text between a closing quote and the next delimiter 3[2|3]"},
      {"a quote that never closes costs its line alone", "a,b\n\"x,1\n2,3\n",
       "1[a|b] 2[\"x,1]!a quote is opened and never closed 3[2|3]"},
      {"tabs", "a\tb c\n1\t2\n", "1[a|b c] 2[1|2]"},
      {"semicolons, decimal commas", "a;b\n1,5;2,5\n", "1[a|b] 2[1,5|2,5]"},
      {"bars", "a|b\n", "1[a|b]"},
      {"delimiters in the header's quotes do not count", "\"a;b;c;d\",x\n", "1[a;b;c;d|x]"},
      {"one column", "a\n1\n", "1[a] 2[1]"},
      {"bytes that are no text", std::string("a,\0b\n\x80,1\n", 9),
       std::string("1[a|\0b] 2[\x80|1]", 14)},
      {"UTF-16",
       "\xFF\xFE"
       "a\0,\0",
       "ERROR the text is in UTF-16; expected UTF-8"},
  };
  return all;
}

TEST_CASE("csv: records") {
  for (const auto& c : cases()) {
    CAPTURE(c.name);
    CHECK(told(Reader::of(c.text)) == c.expected);
  }
}

TEST_CASE("csv: it does not matter in which pieces the bytes come") {
  for (const auto& c : cases()) {
    for (std::size_t piece = 1; piece < 6; ++piece) {
      CAPTURE(c.name);
      CAPTURE(piece);
      CHECK(told(Reader(std::make_unique<Trickle>(c.text, piece))) == c.expected);
    }
  }
}

TEST_CASE("csv: a chosen delimiter is kept") {
  CHECK(told(Reader::of("a;b,c\n", {.delimiter = ','})) == "1[a;b|c]");
}

TEST_CASE("csv: a record over the limit is refused, and the next one read") {
  const Options small{.delimiter = ',', .max_record_bytes = 100};
  const std::string refused = "!a record of more than 100 bytes (is a quote not closed?)";
  const std::string big(200'000, 'x');
  CHECK(told(Reader::of("a,b\n" + big + ",1\n2,3\n", small)) ==
        "1[a|b] 2[" + big.substr(0, 200) + "]" + refused + " 3[2|3]");
  CHECK(told(Reader::of("a,b\n" + big, small)) == "1[a|b] 2[" + big.substr(0, 200) + "]" + refused);
  // A quote left open swallows lines; all but the first are read again as what they are.
  std::string lines = "a,b\n\"oops,1\n";
  for (int i = 0; i < 50; ++i) lines += "2,3\n";
  const auto result = told(Reader::of(lines, small));
  CHECK(result.starts_with("1[a|b] 2[\"oops,1]" + refused + " 3[2|3] 4[2|3]"));
  CHECK(result.ends_with("52[2|3]"));
}

TEST_CASE("csv: the default limit is ten megabytes") {
  const std::string fits(9'000'000, 'x');
  const std::string too_big(11'000'000, 'x');
  auto reader = Reader::of("a,b\n" + fits + ",1\n" + too_big + ",2\n3,4\n");
  Row row;
  REQUIRE(reader.next(row));
  REQUIRE(reader.next(row));
  CHECK(row.fields[0].size() == fits.size());
  REQUIRE(reader.next(row));
  CHECK(row.problem == "a record of more than 10485760 bytes (is a quote not closed?)");
  REQUIRE(reader.next(row));
  CHECK(row.fields.at(0) == "3");
  CHECK(row.line == 4);
}

TEST_CASE("csv: a position leads back to the same record") {
  const std::string text =
      "\xEF\xBB\xBF"
      "a,b\r\n\"1\r\nx\",2\r\n\r\n3,4\r\n5,6";
  auto reader = Reader::of(text);
  std::vector<Position> places;
  std::vector<std::string> firsts;
  Row row;
  for (;;) {
    const auto place = reader.position();
    auto more = reader.next(row);
    REQUIRE(more);
    if (!*more) break;
    places.push_back(place);
    firsts.push_back(fmt::format("{}:{}", row.line, row.fields.at(0)));
  }
  CHECK(firsts == std::vector<std::string>{"1:a", "2:1\r\nx", "5:3", "6:5"});
  for (std::size_t i = places.size(); i-- > 0;) {
    REQUIRE(reader.seek(places[i]));
    REQUIRE(reader.next(row));
    CHECK(fmt::format("{}:{}", row.line, row.fields.at(0)) == firsts[i]);
  }
}

TEST_CASE("csv: what was written is read, whatever it is") {
  Random random(3);
  const std::string_view letters = "ab,;\t\"\r\n |\xC3\xA9";
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<std::vector<std::string>> table;
    std::string text;
    const std::size_t columns = 1 + random.below(4);
    for (std::size_t r = 0; r < 4; ++r) {
      auto& record = table.emplace_back();
      for (std::size_t c = 0; c < columns; ++c) {
        auto& field = record.emplace_back();
        for (auto n = random.below(6); n > 0; --n) field += letters[random.below(letters.size())];
      }
      append_record(text, std::vector<std::string_view>(record.begin(), record.end()), ';');
    }
    Reader reader(std::make_unique<Trickle>(text, 1 + random.below(9)), {.delimiter = ';'});
    Row row;
    for (const auto& record : table) {
      auto more = reader.next(row);
      REQUIRE(more);
      REQUIRE(*more);
      CHECK(row.problem.empty());
      CHECK(std::vector<std::string>(row.fields.begin(), row.fields.end()) == record);
    }
    auto more = reader.next(row);
    REQUIRE(more);
    CHECK_FALSE(*more);
  }
}

TEST_CASE("csv: files") {
  const testing::TempDir dir;
  auto reader = Reader::open(dir.write("x.csv", "a,b\n1,2\n"));
  REQUIRE(reader);
  CHECK(told(std::move(reader).value()) == "1[a|b] 2[1|2]");
  const auto missing = Reader::open(dir.file("none.csv"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().what == dir.file("none.csv") + ": No such file or directory");
  auto folder = Reader::open(dir.path());  // opens, but cannot be read
  if (folder) {
    Row row;
    CHECK_FALSE(folder->next(row));
  }
}

TEST_CASE("csv: lines as they are") {
  auto reader = Reader::of("{\"a\":\n\n 1,\"b\r\nlast", {.max_record_bytes = 10});
  Row row;
  std::vector<std::string> lines;
  for (;;) {
    auto more = reader.next_line(row);
    REQUIRE(more);
    if (!*more) break;
    lines.push_back(fmt::format("{}:{}{}", row.line, row.fields.at(0), row.problem));
  }
  CHECK(lines == std::vector<std::string>{"1:{\"a\":", "3: 1,\"b", "4:last"});

  auto long_lines = Reader::of("12345678901\nx\n", {.max_record_bytes = 10});
  REQUIRE(long_lines.next_line(row));
  CHECK(row.problem == "a line of more than 10 bytes");
  REQUIRE(long_lines.next_line(row));
  CHECK(row.fields.at(0) == "x");
}

TEST_CASE("csv: a likelier delimiter") {
  CHECK(likelier_delimiter("a;b;c", ',') == ';');
  CHECK(likelier_delimiter("a,b", ',') == '\0');
  CHECK(likelier_delimiter("abc", ',') == '\0');
  CHECK(likelier_delimiter("a\tb", ';') == '\t');
  CHECK(name_of_delimiter('\t') == "tab");
  CHECK(name_of_delimiter(';') == "';'");
}

}  // namespace
}  // namespace sosie::csv
