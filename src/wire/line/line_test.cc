#include "wire/line/line.h"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"

namespace sosie::line {
namespace {

struct ValueText {
  std::string operator()(double v) const { return fmt::format("{}", v); }
  std::string operator()(std::int64_t v) const { return fmt::format("{}i", v); }
  std::string operator()(std::uint64_t v) const { return fmt::format("{}u", v); }
  std::string operator()(bool v) const { return v ? "yes" : "no"; }
  std::string operator()(std::string_view v) const { return fmt::format("<{}>", v); }
};

std::string told(const Point& point) {
  std::string out(point.measurement);
  for (const auto& tag : point.tags) out += fmt::format(" [{}={}]", tag.key, tag.value);
  for (const auto& field : point.fields) {
    out += fmt::format(" {}={}", field.key, std::visit(ValueText{}, field.value));
  }
  return out + (point.time ? " @" + to_iso8601(*point.time) : "");
}

std::string read(std::string_view line, Precision precision = Precision::ns) {
  Parser parser(precision);
  const auto point = parser.parse(line);
  return point ? told(**point) : point.error().what;
}

TEST_CASE("a line is read as InfluxDB reads it") {
  struct Case {
    std::string_view line;
    std::string_view expected;
  };
  const Case cases[] = {
      {"cpu value=1", "cpu value=1"},
      {"cpu,host=a,region=eu usage=0.5,n=3i,u=4u,up=t,name=\"x y\" 1465839830100400200",
       "cpu [host=a] [region=eu] usage=0.5 n=3i u=4u up=yes name=<x y> "
       "@2016-06-13T17:43:50.100400Z"},
      {"cpu value=-1.5e-3", "cpu value=-0.0015"},
      {"cpu value=+2", "cpu value=2"},
      {"cpu value=.5", "cpu value=0.5"},
      {R"(my\ cpu\,x,my\ tag\=k=a\,b\ c value=1)", "my cpu,x [my tag=k=a,b c] value=1"},
      {R"(cpu text="say \"hi\" \\ \n")", R"(cpu text=<say "hi" \ \n>)"},
      {R"(cpu text="a=1,b=2 3")", "cpu text=<a=1,b=2 3>"},
      {R"(C:\dir value=1)", R"(C:\dir value=1)"},
      {"cpu a=T,b=FALSE,c=False,d=true", "cpu a=yes b=no c=no d=yes"},
      {"cpu   value=1   1  ", "cpu value=1 @1970-01-01T00:00:00Z"},
      {"cpu value=1 -1", "cpu value=1 @1969-12-31T23:59:59.999999Z"},
      {"cpu n=-9223372036854775808i,u=18446744073709551615u",
       "cpu n=-9223372036854775808i u=18446744073709551615u"},
      {"débit,où=là v=1", "débit [où=là] v=1"},
      // what is wrong
      {",host=a value=1", "unable to parse ',host=a value=1': missing measurement"},
      {"cpu", "unable to parse 'cpu': missing fields"},
      {"cpu,host=a", "unable to parse 'cpu,host=a': missing fields"},
      {"cpu, value=1", "unable to parse 'cpu, value=1': missing tag key"},
      {"cpu,=a value=1", "unable to parse 'cpu,=a value=1': missing tag key"},
      {"cpu,host value=1", "unable to parse 'cpu,host value=1': missing tag value"},
      {"cpu,host= value=1", "unable to parse 'cpu,host= value=1': missing tag value"},
      {"cpu,host=a=b value=1", "unable to parse 'cpu,host=a=b value=1': invalid tag format"},
      {"cpu,a=1,a=2 value=1", "unable to parse 'cpu,a=1,a=2 value=1': duplicate tags"},
      {"cpu value=", "unable to parse 'cpu value=': missing field value"},
      {"cpu =1", "unable to parse 'cpu =1': missing field key"},
      {"cpu value=1,", "unable to parse 'cpu value=1,': missing field key"},
      {"cpu value", "unable to parse 'cpu value': invalid field format"},
      {"cpu value=one", "unable to parse 'cpu value=one': invalid number"},
      {"cpu value=1.2.3", "unable to parse 'cpu value=1.2.3': invalid number"},
      {"cpu value=1.5i", "unable to parse 'cpu value=1.5i': invalid number"},
      {"cpu value=-1u", "unable to parse 'cpu value=-1u': invalid number"},
      {"cpu value=9223372036854775808i",
       "unable to parse 'cpu value=9223372036854775808i': invalid number"},
      {"cpu value=NaN", "unable to parse 'cpu value=NaN': invalid number"},
      {"cpu value=-inf", "unable to parse 'cpu value=-inf': invalid number"},
      {"cpu value=1e999", "unable to parse 'cpu value=1e999': invalid number"},
      {"cpu value=trap", "unable to parse 'cpu value=trap': invalid boolean"},
      {"cpu value=\"open", "unable to parse 'cpu value=\"open': unbalanced quotes"},
      {"cpu value=\"a\"b", "unable to parse 'cpu value=\"a\"b': invalid field format"},
      {"cpu value=1 soon", "unable to parse 'cpu value=1 soon': bad timestamp"},
      {"cpu value=1 1.5", "unable to parse 'cpu value=1 1.5': bad timestamp"},
      {"cpu value=1 1 2", "unable to parse 'cpu value=1 1 2': bad timestamp"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.line);
    CHECK(read(c.line) == c.expected);
  }
}

TEST_CASE("a timestamp counts the units that were agreed on") {
  struct Case {
    std::string_view precision;
    std::string_view count;
    std::string_view expected;
  };
  const Case cases[] = {
      {"", "1465839830100400200", "2016-06-13T17:43:50.100400Z"},
      {"us", "1465839830100400", "2016-06-13T17:43:50.100400Z"},
      {"ms", "1465839830100", "2016-06-13T17:43:50.100Z"},
      {"s", "1465839830", "2016-06-13T17:43:50Z"},
      {"m", "24430663", "2016-06-13T17:43:00Z"},
      {"h", "407177", "2016-06-13T17:00:00Z"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.precision);
    const auto line = fmt::format("cpu v=1 {}", c.count);
    CHECK(read(line, *precision_from_text(c.precision)) == fmt::format("cpu v=1 @{}", c.expected));
  }
  CHECK(read("cpu v=1 9223372036854775807", Precision::h).ends_with("time outside range"));
  CHECK_FALSE(precision_from_text("days"));
}

TEST_CASE("a body is cut into lines, but not inside a text") {
  std::string_view body =
      "\n# a comment \"\ncpu v=1\r\n\n  mem t=\"two\nlines\" 5\n#end\ndisk\"x v=2";
  CHECK(next_line(body) == "cpu v=1");
  CHECK(next_line(body) == "mem t=\"two\nlines\" 5");
  CHECK(next_line(body) == "disk\"x v=2");
  CHECK_FALSE(next_line(body));
  CHECK_FALSE(next_line(body));
  std::string_view tags = "m,t=\"x v=1\nm,t=y\" v=2";  // a quote in a tag opens nothing
  CHECK(next_line(tags) == "m,t=\"x v=1");
  CHECK(next_line(tags) == "m,t=y\" v=2");
}

TEST_CASE("what is written reads back the same") {
  Point point;
  point.measurement = "my cpu,x";
  point.tags = {{"a b", "c=d,e"}, {"left out", ""}};
  point.fields = {{"f=1", 0.1},
                  {"i", std::int64_t{-5}},
                  {"u", std::uint64_t{5}},
                  {"b", true},
                  {"t", std::string_view("say \"x\" \\")}};
  point.time = Timestamp(Duration(1'465'839'830'100'400));
  std::string out;
  append(out, point);
  CHECK(out.ends_with("\n"));
  point.tags.pop_back();
  CHECK(read(std::string_view(out).substr(0, out.size() - 1)) == told(point));
}

}  // namespace
}  // namespace sosie::line
