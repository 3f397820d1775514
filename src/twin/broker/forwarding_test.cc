#include <doctest/doctest.h>

#include "twin/broker/broker.h"
#include "twin/broker/broker_fakes.h"
#include "twin/broker/case_file.h"

namespace sosie::ngsi {
namespace {

/// A broker with context providers that answer as the test says.
class Bench {
 public:
  explicit Bench(Options options = {}) : broker_(std::move(options), clock_, keeper_, forwarder_) {
    broker_.start();
  }

  /// `path` as Fiware-ServicePath; empty: none.
  void come_from(std::string path) { service_path_ = std::move(path); }

  Answer ask(std::string method, std::string path, std::string body = {}, std::string query = {}) {
    Request request{.method = std::move(method),
                    .path = std::move(path),
                    .query = std::move(query),
                    .headers = {{"Fiware-Correlator", "c"}},
                    .body = std::move(body)};
    if (!service_path_.empty()) request.headers.push_back({"Fiware-ServicePath", service_path_});
    if (!request.body.empty()) {
      request.headers.push_back({"Content-Type", "application/json"});
      request.headers.push_back({"Content-Length", std::to_string(request.body.size())});
    }
    return broker_.handle(request);
  }

  void provide(const std::string& entity, const std::string& attrs, const std::string& url,
               const std::string& mode = "all") {
    const Answer answer = ask("POST", "/v2/registrations",
                              R"({"dataProvided":{"entities":[)" + entity + R"(],"attrs":)" +
                                  attrs + R"(},"provider":{"http":{"url":")" + url +
                                  R"("},"supportedForwardingMode":")" + mode + "\"}}");
    REQUIRE(answer.status == 201);
  }

  void answer_with(int status, const std::string& body, const std::string& total = "1") {
    forwarder_.answer = [=](const ForwardRequest&) -> Result<ForwardAnswer> {
      return ForwardAnswer{
          .status = status, .headers = {{"Fiware-Total-Count", total}}, .body = body};
    };
  }

  std::vector<ForwardRequest>& asked() { return forwarder_.asked; }
  MemoryKeeper& keeper() { return keeper_; }

 private:
  ManualClock clock_{Timestamp(std::chrono::seconds(1795190400))};
  MemoryKeeper keeper_;
  ScriptedForwarder forwarder_;
  Broker broker_;
  std::string service_path_{};
};

void check_json(const std::string& expected, const std::string& actual) {
  Caught caught;
  CHECK(difference(expected, actual, caught) == "");
}

constexpr auto provided_room =
    R"([{"id":"R","type":"Room","h":{"type":"Number","value":40,"metadata":{}}}])";

}  // namespace

TEST_CASE("forwarding: whoever provides all is asked for each id and type of the question") {
  Bench bench;
  bench.provide(R"({"idPattern":".*"})", R"([])", "http://provider:1/v2");
  bench.answer_with(200, "[]", "0");
  bench.ask("GET", "/v2/entities", {}, "id=A,B");
  bench.ask("GET", "/v2/entities", {}, "type=T,U");
  REQUIRE(bench.asked().size() == 2);
  check_json(R"({"entities":[{"id":"A"},{"id":"B"}]})", bench.asked()[0].body);
  check_json(R"({"entities":[{"idPattern":".*","type":"T"},{"idPattern":".*","type":"U"}]})",
             bench.asked()[1].body);
}

TEST_CASE("forwarding: an attribute that is not here comes from its provider") {
  Bench bench;
  bench.ask("POST", "/v2/entities", R"({"id":"R","type":"Room","t":{"value":20}})");
  bench.provide(R"({"id":"R","type":"Room"})", R"(["h"])", "http://provider:1/v2");
  bench.answer_with(200, provided_room);
  const Answer answer = bench.ask("GET", "/v2/entities/R", {}, "options=keyValues");
  check_json(R"({"id":"R","type":"Room","t":20,"h":40})", answer.body);
  REQUIRE(bench.asked().size() == 1);
  const ForwardRequest& asked = bench.asked().front();
  CHECK(asked.method == "POST");
  CHECK(asked.url == "http://provider:1/v2/op/query?limit=20&offset=0&options=count");
  CHECK(find_header(asked.headers, "Fiware-Correlator") == "c; cbfwd=1");
  check_json(R"({"entities":[{"id":"R","type":"Room"}],"attrs":["h"]})", asked.body);
  CHECK(bench.ask("GET", "/v2/entities/R/attrs/h/value").body == "40");
}

TEST_CASE("forwarding: what is here is not asked for; skipForwarding asks nobody") {
  Bench bench;
  bench.ask("POST", "/v2/entities", R"({"id":"R","type":"Room","t":{"value":20}})");
  bench.provide(R"({"id":"R","type":"Room"})", R"(["h"])", "http://provider:1");
  bench.answer_with(200, provided_room);
  CHECK(bench.ask("GET", "/v2/entities/R/attrs/t/value").body == "20");
  CHECK(bench.asked().empty());
  check_json(R"([{"id":"R","type":"Room","t":20}])",
             bench.ask("GET", "/v2/entities", {}, "options=keyValues,skipForwarding").body);
  CHECK(bench.asked().empty());
}

TEST_CASE("forwarding: an entity that is nowhere here; a provider that is down") {
  Bench bench;
  bench.provide(R"({"idPattern":".*","type":"Room"})", "[]", "http://provider:1");
  bench.answer_with(200, provided_room);
  check_json(R"({"id":"R","type":"Room","h":40})",
             bench.ask("GET", "/v2/entities/R", {}, "type=Room&options=keyValues").body);
  bench.answer_with(500, "");
  CHECK(bench.ask("GET", "/v2/entities/R", {}, "type=Room").status == 404);
  check_json("[]", bench.ask("GET", "/v2/entities", {}, "type=Room").body);
  bench.answer_with(200, "this is no JSON");
  CHECK(bench.ask("GET", "/v2/entities/R", {}, "type=Room").status == 404);
}

TEST_CASE("forwarding: lists are paged over here and the providers, and counts add up") {
  Bench bench;
  for (const auto* id : {"L1", "L2", "L3"}) {
    bench.ask("POST", "/v2/entities", std::string(R"({"id":")") + id + R"(","type":"Room"})");
  }
  bench.provide(R"({"idPattern":".*","type":"Room"})", "[]", "http://provider:1");
  bench.answer_with(200, R"([{"id":"P2","type":"Room"},{"id":"P3","type":"Room"}])", "7");
  const Answer answer =
      bench.ask("GET", "/v2/entities", {}, "type=Room&limit=3&offset=2&options=count,keyValues");
  check_json(R"([{"id":"L3","type":"Room"},{"id":"P2","type":"Room"},{"id":"P3","type":"Room"}])",
             answer.body);
  CHECK(find_header(answer.headers, "Fiware-Total-Count") == "10");
  CHECK(bench.asked().back().url == "http://provider:1/op/query?limit=2&offset=0&options=count");
  bench.ask("GET", "/v2/entities", {}, "type=Room&limit=3&offset=5");
  CHECK(bench.asked().back().url == "http://provider:1/op/query?limit=3&offset=2&options=count");
}

TEST_CASE("forwarding: updates of what is not here go to its provider") {
  Bench bench;
  bench.ask("POST", "/v2/entities", R"({"id":"R","type":"Room","t":{"value":20}})");
  bench.provide(R"({"id":"R","type":"Room"})", R"(["h"])", "http://provider:1");
  bench.answer_with(204, "");
  const auto patch = R"({"t":{"value":21},"h":{"value":50}})";
  CHECK(bench.ask("PATCH", "/v2/entities/R/attrs", patch, "type=Room").status == 204);
  REQUIRE(bench.asked().size() == 1);
  CHECK(bench.asked().front().url == "http://provider:1/op/update");
  check_json(
      R"({"actionType":"update","entities":[{"id":"R","type":"Room","h":{"type":"Number","value":50,"metadata":{}}}]})",
      bench.asked().front().body);
  CHECK(bench.ask("PUT", "/v2/entities/R/attrs/h", R"({"value":1})").status == 204);
  CHECK(bench
            .ask("POST", "/v2/op/update",
                 R"({"actionType":"update","entities":[{"id":"R","type":"Room","h":{"value":1}}]})")
            .status == 204);
  CHECK(bench.asked().size() == 3);
}

TEST_CASE("forwarding: the service path that came goes on, and none where none came") {
  Bench bench;
  bench.come_from("/a");
  bench.provide(R"({"id":"R","type":"Room"})", R"(["h"])", "http://provider:1");
  bench.answer_with(200, provided_room);
  bench.ask("GET", "/v2/entities/R");
  bench.ask("PATCH", "/v2/entities/R/attrs", R"({"h":{"value":50}})");
  bench.come_from("/a/#");
  bench.ask("GET", "/v2/entities/R");
  bench.come_from("");
  bench.ask("GET", "/v2/entities/R");
  REQUIRE(bench.asked().size() == 4);
  CHECK(find_header(bench.asked()[0].headers, "Fiware-ServicePath") == "/a");
  CHECK(find_header(bench.asked()[1].headers, "Fiware-ServicePath") == "/a");
  CHECK(find_header(bench.asked()[2].headers, "Fiware-ServicePath") == "/a/#");
  CHECK_FALSE(has_header(bench.asked()[3].headers, "Fiware-ServicePath"));
}

TEST_CASE("forwarding: a provider that fails is 404, half of it done is 404 PartialUpdate") {
  Bench bench;
  bench.ask("POST", "/v2/entities", R"({"id":"R","type":"Room","t":{"value":20}})");
  bench.provide(R"({"id":"R","type":"Room"})", R"(["h"])", "http://provider:1");
  const Answer half =
      bench.ask("PATCH", "/v2/entities/R/attrs", R"({"t":{"value":21},"h":{"value":50}})");
  CHECK(half.status == 404);
  check_json(R"({"error":"PartialUpdate","description":"do not exist: R - [ h ]"})", half.body);
  const Answer none = bench.ask("PATCH", "/v2/entities/R/attrs", R"({"h":{"value":50}})");
  CHECK(none.status == 404);
  check_json(R"({"error":"NotFound","description":"do not exist: R - [ h ]"})", none.body);
  const Answer unknown = bench.ask("PATCH", "/v2/entities/R/attrs", R"({"z":{"value":50}})");
  CHECK(unknown.status == 422);
}

TEST_CASE("forwarding: a mode is kept to, and two brokers do not ask each other for ever") {
  Bench bench;
  bench.provide(R"({"id":"R","type":"Room"})", "[]", "http://provider:1", "update");
  bench.provide(R"({"id":"R","type":"Room"})", "[]", "http://provider:2", "none");
  CHECK(bench.ask("GET", "/v2/entities/R").status == 404);
  CHECK(bench.asked().empty());
  bench.provide(R"({"id":"R","type":"Room"})", "[]", "http://provider:3", "query");
  Bench other;
  other.provide(R"({"id":"R"})", "[]", "http://provider:1");
  CHECK(bench.ask("GET", "/v2/entities/R").status == 404);
  CHECK(bench.asked().size() == 1);
}

TEST_CASE("forwarding: a request asks no more providers than -cprForwardLimit says") {
  Bench one(Options{.forward_limit = 1});
  one.provide(R"({"id":"R","type":"Room"})", R"(["h"])", "http://first/v2");
  one.provide(R"({"id":"R","type":"Room"})", R"(["i"])", "http://second/v2");
  one.answer_with(200, provided_room);
  CHECK(one.ask("GET", "/v2/entities/R").status == 200);
  CHECK(one.asked().size() == 1);
  CHECK(one.ask("GET", "/v2/entities/R").status == 200);
  CHECK(one.asked().size() == 2);

  Bench none(Options{.forward_limit = 0});
  none.provide(R"({"id":"R","type":"Room"})", R"(["h"])", "http://first/v2");
  CHECK(none.ask("GET", "/v2/entities/R").status == 404);
  CHECK(none.ask("PATCH", "/v2/entities/R/attrs", R"({"h":{"value":1}})").status == 404);
  CHECK(none.asked().empty());
}

}  // namespace sosie::ngsi
