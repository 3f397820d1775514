#include "base/time_text.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

TEST_CASE("ISO 8601: read and written") {
  struct Case {
    std::string_view text;
    std::string_view expected;  ///< "": refused
  };
  const Case cases[] = {
      {"2026-11-20T13:14:15Z", "2026-11-20T13:14:15Z"},
      {"2026-11-20 13:14:15", "2026-11-20T13:14:15Z"},
      {"2026-11-20T13:14", "2026-11-20T13:14:00Z"},
      {"2026-11-20", "2026-11-20T00:00:00Z"},
      {"2026-11-20T13:14:15.25+01:00", "2026-11-20T12:14:15.250Z"},
      {"2026-11-20T13:14:15.000001-0330", "2026-11-20T16:44:15.000001Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
      {"2026-02-29T00:00:00Z", ""},
      {"2026-11-20T25:00:00Z", ""},
      {"2026-11-20T13:14:15Zx", ""},
      {"2026-11-20T13:14:15.Z", ""},
      {"20/11/2026", ""},
      {"2026-11-2", ""},
      {"", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto read = from_iso8601(c.text);
    CHECK((read ? to_iso8601(*read) : "") == c.expected);
  }
}

TEST_CASE("a zone knows its summer, and times that happen twice or never") {
  const auto paris = Zone::find("Europe/Paris").value();
  CHECK(paris.offset(*from_iso8601("2026-07-01T00:00:00Z")) == std::chrono::hours(2));
  CHECK(paris.offset(*from_iso8601("2026-12-01T00:00:00Z")) == std::chrono::hours(1));
  const auto utc_of = [&](std::string_view local) {
    return to_iso8601(paris.to_utc(*from_iso8601(local)));
  };
  CHECK(utc_of("2026-10-25T02:30:00") == "2026-10-25T00:30:00Z");  // the first of the two
  CHECK(utc_of("2026-03-29T02:30:00") == "2026-03-29T01:00:00Z");  // never: the gap's end
  CHECK_FALSE(Zone::find("Europe/Pariss"));
}

TEST_CASE("TimeReader: words and patterns") {
  const auto paris = Zone::find("Europe/Paris").value();
  struct Case {
    std::string_view format;
    std::string_view text;
    std::string_view expected;  ///< "": refused
  };
  const Case cases[] = {
      {"iso", "2026-07-01 12:00:00", "2026-07-01T10:00:00Z"},
      {"iso", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"},
      {"unix", "1765821041.7180316", "2025-12-15T17:50:41.718032Z"},
      {"unix_ms", "1765821041718", "2025-12-15T17:50:41.718Z"},
      {"unix_ns", "1765821041718000000", "2025-12-15T17:50:41.718Z"},
      {"%d/%m/%Y %H:%M", "01/07/2026 12:00", "2026-07-01T10:00:00Z"},
      {"%d/%m/%Y %H:%M:%S", "01/07/2026 12:00:00.5", "2026-07-01T10:00:00.500Z"},
      {"%d/%m/%Y %H:%M", "2026-07-01", ""},
      {"%d/%m/%Y", "01/07/2026 noon", ""},
      {"unix", "soon", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto reader = TimeReader::create(c.format, paris).value();
    const auto read = reader.read(c.text);
    CHECK((read ? to_iso8601(*read) : "") == c.expected);
  }
  CHECK_FALSE(TimeReader::create("epoch", paris));
}

}  // namespace
}  // namespace sosie
