#include "wire/opendata/portal.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "testing/http_receiver.h"
#include "testing/server.h"
#include "wire/opendata/dataset.h"

namespace sosie::opendata {
namespace {

using Server = testing::HttpReceiver;
using Answer = Server::Answer;
using From = Download::From;
using Copy = Portal::Copy;

const std::string districts = R"({"type":"FeatureCollection","features":[{"type":"Feature"}]})";

std::string url_of(const Server& server) {
  return export_url({fmt::format("http://127.0.0.1:{}", server.port()), "communes"}, "geojson");
}

TEST_CASE("opendata: questions are written as the Explore API 2.1 reads them") {
  auto dataset = make_dataset("https://data.toulouse-metropole.fr/", "qualite-de-l-air");
  REQUIRE(dataset);
  const std::string base =
      "https://data.toulouse-metropole.fr/api/explore/v2.1/catalog/datasets/qualite-de-l-air/";
  CHECK(records_url(*dataset, {}) == base + "records?limit=100&offset=0");
  CHECK(export_url(*dataset, "csv") == base + "exports/csv");
  dataset->where = both("no2 > 40", "maj >= date'2026-01-01T00:00:00+00:00'");
  dataset->select = "no2,maj";
  CHECK(records_url(*dataset, {10, 9990, "maj"}) ==
        base +
            "records?limit=10&offset=9990&select=no2%2Cmaj&where=%28no2%20%3E%2040%29%20and%20%28"
            "maj%20%3E%3D%20date%272026-01-01T00%3A00%3A00%2B00%3A00%27%29&order_by=maj");
  CHECK(both("", "x") == "x");
  CHECK(both("x", "") == "x");
  for (const auto* portal : {"data.example.org", "https://u:secret@h", "https://h/?a=b", ""}) {
    CHECK_FALSE(make_dataset(portal, "d"));
  }
  for (const auto* id : {"", "a/b", "a b", "../x", "d?x=1"})
    CHECK_FALSE(make_dataset("http://h", id));
}

TEST_CASE("opendata: a copy is used while it is young, asked about later, and stands in at need") {
  const testing::TempDir folder;
  Answer answer{"200 OK", districts,
                "ETag: \"v1\"\r\nLast-Modified: Sat, 28 Nov 2026 10:00:00 GMT\r\n"};
  Server server{[&](const std::string& request) -> Answer {
    if (request.find("If-None-Match: \"v1\"\r\n") != std::string::npos &&
        answer.status == "200 OK") {
      return {"304 Not Modified"};
    }
    return answer;
  }};
  Portal portal({.key = "se cret", .cache = folder.file("cache")});
  const auto url = url_of(server);
  const auto get = [&](Duration age, Copy copy = Copy::asked_first) {
    return portal.get(url, check_of("geojson"), age, copy);
  };
  auto got = get(std::chrono::hours(1));
  REQUIRE(got);
  CHECK(got->from == From::portal);
  CHECK(got->body == districts);
  CHECK(server.requests().front().find("Authorization: Apikey se cret\r\n") != std::string::npos);
  got = get(std::chrono::hours(1));
  REQUIRE(got);
  CHECK(got->from == From::cache);
  CHECK(server.requests().size() == 1);
  got = get(Duration{});
  REQUIRE(got);
  CHECK(got->from == From::unchanged);
  CHECK(got->body == districts);
  CHECK(server.requests().back().find("If-Modified-Since: Sat, 28 Nov 2026 10:00:00 GMT\r\n") !=
        std::string::npos);

  answer = {"500 Internal Server Error", "oh"};
  CHECK_FALSE(get(Duration{}));
  got = get(Duration{}, Copy::also_stale);
  REQUIRE(got);
  CHECK(got->from == From::stale);
  CHECK(got->body == districts);
  CHECK(got->trouble == "the portal cannot answer (500): oh");
  answer = {"404 Not Found", R"({"error_code":"X","message":"no dataset"})"};
  CHECK_FALSE(get(Duration{}, Copy::also_stale));  // a copy of what is gone is no answer

  Portal other({.cache = folder.file("cache")});  // another life
  got = other.get(url, check_of("geojson"), std::chrono::hours(1), Copy::asked_first);
  REQUIRE(got);
  CHECK(got->from == From::cache);
}

TEST_CASE("opendata: what is cut is no answer, and never becomes a copy") {
  const testing::TempDir folder;
  std::string body = districts.substr(0, districts.size() - 5);
  Server server{[&](const std::string&) -> Answer { return {"200 OK", body}; }};
  Portal portal({.cache = folder.file("cache")});
  const auto get = [&] {
    return portal.get(url_of(server), check_of("geojson"), Duration{}, Copy::also_stale);
  };
  auto got = get();
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::corrupt);
  CHECK(may_pass(got.error()));
  body = districts + "Streaming interrupted due to the following error: x";
  CHECK_FALSE(get());
  body = R"({"type":"Topology","features":[]})";
  CHECK_FALSE(get());
  body = districts;
  CHECK(get());
  body = "{";
  got = get();
  REQUIRE(got);
  CHECK(got->from == From::stale);
  CHECK_FALSE(check_of("csv")("a;b\n1;Streaming interrupted due to x"));
  CHECK(check_of("csv")("a;b\n1;2\n"));
  CHECK(check_of("csv")("a;b\n1;\"say \"\"yes\"\"\"\n"));
  CHECK_FALSE(check_of("csv")("a;b\n1;2\n3;\"half of"));
  CHECK(check_of("json")("[]"));
  CHECK_FALSE(check_of("json")("{}"));
}

TEST_CASE("opendata: what a portal says is told, and how long it wants to be left alone is known") {
  struct Case {
    Answer answer;
    Errc code;
    std::string_view said;
    Duration least;
    Duration most;
  };
  using std::chrono::seconds;
  const auto reset = std::chrono::duration_cast<seconds>(
                         (SystemClock().now() + std::chrono::minutes(10)).time_since_epoch())
                         .count();
  const Case cases[] = {
      {{"429 Too Many Requests",
        R"({"errorcode":10002,"error":"Too many requests on the domain.","call_limit":10000,)"
        R"("limit_time_unit":"day","reset_time":"2099-01-01T00:00:00Z"})"},
       Errc::unavailable,
       "limit of questions is reached (429): Too many requests on the domain.",
       std::chrono::hours(1),
       std::chrono::hours(1)},
      {{"429 Too Many Requests", "{}", "Retry-After: 7\r\n"},
       Errc::unavailable,
       "(429): {}",
       seconds(7),
       seconds(7)},
      {{"429 Too Many Requests", "", fmt::format("X-RateLimit-Reset: {}\r\n", reset)},
       Errc::unavailable,
       "(429): no more",
       seconds(590),
       seconds(601)},
      {{"503 Service Unavailable", "<html>", "Retry-After: 3\r\n"},
       Errc::unavailable,
       "cannot answer (503): <html>",
       seconds(3),
       seconds(3)},
      {{"400 Bad Request", R"({"error_code":"ODSQLError","message":"Unknown field: x"})"},
       Errc::invalid,
       "does not understand the question (400): Unknown field: x",
       {},
       {}},
      {{"401 Unauthorized", ""}, Errc::unavailable, "does not let us in (401)", {}, {}},
      {{"404 Not Found", ""}, Errc::not_found, "no such dataset (404)", {}, {}},
      {{"302 Found", ""}, Errc::unavailable, "cannot answer (302)", {}, {}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.said);
    Server server{[&](const std::string&) { return c.answer; }};
    Portal portal({});
    const auto got = portal.get(url_of(server), check_of("geojson"), Duration{}, Copy::also_stale);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == c.code);
    CAPTURE(got.error().what);
    CHECK(got.error().what.find(c.said) != std::string::npos);
    CHECK(portal.wait().value_or(Duration{}) >= c.least);
    CHECK(portal.wait().value_or(Duration{}) <= c.most);
  }
  Server silent("");
  Portal slow({.timeout = std::chrono::milliseconds(100)});
  const auto got = slow.get(url_of(silent), check_of("json"), Duration{}, Copy::none);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::timeout);
}

TEST_CASE("opendata: an answer that is too large is refused") {
  Server server{[](const std::string&) -> Answer { return {"200 OK", std::string(2000, ' ')}; }};
  Portal portal({.max_bytes = 1000});
  CHECK_FALSE(portal.get(url_of(server), check_of("json"), Duration{}, Copy::none));
}

TEST_CASE("opendata: pauses double, and are never shorter than what is asked for") {
  using std::chrono::seconds;
  Pauses pauses(seconds(1), seconds(5));
  CHECK(pauses.next({}) == seconds(1));
  CHECK(pauses.next({}) == seconds(2));
  CHECK(pauses.next(seconds(60)) == seconds(60));
  CHECK(pauses.next({}) == seconds(5));
  CHECK(pauses.next({}) == seconds(5));
  pauses.reset();
  CHECK(pauses.next({}) == seconds(1));
}

}  // namespace
}  // namespace sosie::opendata
