#include "web/router.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "web/pages.h"

namespace sosie::web {
namespace {

Handler says(std::string name) {
  return [name = std::move(name)](Request& request) {
    return Response{.body = fmt::format("{}({})", name, fmt::join(request.captured, ","))};
  };
}

TEST_CASE("a path finds its route, and a wrong one is told what is there") {
  Router router;
  router.add({"GET", "/api/series/{id}", Pace::quick, says("series")});
  router.add({"GET", "/api/series/{id}/history", Pace::slow, says("history")});
  router.add({"POST", "/api/series/{id}", Pace::slow, says("change")});
  router.otherwise(says("page"));
  struct Case {
    std::string_view method;
    std::string_view path;
    int status;
    std::string_view body;
  };
  const Case cases[] = {
      {"GET", "/api/series/7", 200, "series(7)"},
      {"GET", "/api/series/7/history", 200, "history(7)"},
      {"POST", "/api/series/7", 200, "change(7)"},
      {"GET", "/", 200, "page()"},
      {"GET", "/alarms", 200, "page()"},
      {"DELETE", "/api/series/7", 405,
       R"({"error":"method_not_allowed","description":"'/api/series/7' does not take DELETE; expected GET, HEAD, POST"})"},
      {"POST", "/alarms", 405,
       R"({"error":"method_not_allowed","description":"'/alarms' does not take POST; expected GET, HEAD"})"},
      {"GET", "/api/series/", 404,
       R"({"error":"not_found","description":"nothing is at '/api/series/'"})"},
      {"GET", "/api/series/7/", 404,
       R"({"error":"not_found","description":"nothing is at '/api/series/7/'"})"},
      {"GET", "/api", 404, R"({"error":"not_found","description":"nothing is at '/api'"})"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.method);
    CAPTURE(c.path);
    Request request{.method = std::string(c.method), .path = std::string(c.path)};
    const auto answer = router.answer(request);
    CHECK(answer.status == c.status);
    CHECK(answer.body == c.body);
    if (c.status == 405) CHECK_FALSE(http::find_header(answer.headers, "Allow").empty());
  }
  CHECK(router.is_quick({.method = "GET", .path = "/api/series/7"}));
  CHECK_FALSE(router.is_quick({.method = "POST", .path = "/api/series/7"}));
}

TEST_CASE("a query's parameters are decoded") {
  const Request request{.query = "from=2026-11-20T10%3A00%3A00Z&name=d%C3%A9bit+x&flag&empty="};
  CHECK(request.parameter("from") == "2026-11-20T10:00:00Z");
  CHECK(request.parameter("name") == "débit x");
  CHECK(request.parameter("flag") == "");
  CHECK(request.parameter("empty") == "");
  CHECK_FALSE(request.parameter("none"));
}

TEST_CASE("pages are served with their tag, packed for those who can take it") {
  const Page pages[] = {{"/index.html", "aa", "<html>hello</html>", "packed"},
                        {"/app.js", "bb", "let x", "longer than plain"}};
  const auto get = [&](std::string path, http::Headers headers = {}) {
    return serve_page(pages,
                      {.method = "GET", .path = std::move(path), .headers = std::move(headers)});
  };
  const auto plain = get("/index.html");
  CHECK(plain.body == "<html>hello</html>");
  CHECK(plain.content_type == "text/html; charset=utf-8");
  CHECK(http::find_header(plain.headers, "ETag") == "\"aa\"");
  CHECK(get("/").body == plain.body);
  CHECK(get("/stage/pretraitement").body == plain.body);
  CHECK(get("/missing.js").status == 404);
  CHECK(get("/../etc/passwd.txt").status == 404);
  const auto packed = get("/", {{"Accept-Encoding", "gzip, br"}});
  CHECK(packed.body == "packed");
  CHECK(http::find_header(packed.headers, "Content-Encoding") == "gzip");
  const auto tag = std::string(http::find_header(packed.headers, "ETag"));
  const auto known = get("/", {{"Accept-Encoding", "gzip"}, {"If-None-Match", "W/\"x\", " + tag}});
  CHECK(known.status == 304);
  CHECK(known.body.empty());
  CHECK(get("/", {{"If-None-Match", tag}}).status == 200);  // the plain one is another
  CHECK(get("/app.js", {{"Accept-Encoding", "gzip"}}).body == "let x");
}

TEST_CASE("the pages that the build embedded are whole") {
  for (const auto& page : embedded_pages()) {
    CAPTURE(page.path);
    CHECK(page.path.starts_with("/"));
    CHECK(page.tag.size() == 16);
    CHECK_FALSE(page.plain.empty());
    CHECK(page.packed.starts_with("\x1f\x8b"));
  }
}

}  // namespace
}  // namespace sosie::web
