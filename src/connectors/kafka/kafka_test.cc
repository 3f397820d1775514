#include <doctest/doctest.h>

#include "core/catalog.h"
#include "core/sink.h"
#include "core/source.h"

namespace sosie {
void register_connectors_kafka(Catalog& catalog);

namespace kafka {
namespace {

/// The Error of making what `toml` describes; empty: it can be made.
template <class T>
std::string made(const std::string& toml) {
  Catalog catalog;
  register_connectors_kafka(catalog);
  auto section = Section::read_text("kind = \"kafka\"\n" + toml, "t");
  REQUIRE(section);
  const auto one = catalog.make<T>(*section);
  return one ? std::string() : one.error().what;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("kafka: a scenario's mistakes are said") {
  const std::string good = "brokers = [\"localhost:9092\"]\ntopics = [\"t\", \"^u.*\"]\n";
  CHECK(made<Source>(good).empty());
  CHECK(made<Source>(good + "start = \"2026-11-20T10:00:00Z\"\ngroup = \"g\"").empty());
  struct Case {
    std::string toml;
    std::string_view part;
  };
  const Case cases[] = {
      {"topics = [\"t\"]", "'brokers'"},
      {"brokers = [\"a:b\"]\ntopics = [\"t\"]", "'a:b' is not a broker's address"},
      {"brokers = [\"a\"]", "'topics'"},
      {"brokers = [\"a\"]\ntopics = [\"t t\"]", "no topic's name"},
      {good + "start = \"yesterday\"", "expected earliest, latest or a time"},
      {good + "dead_letter = \"t\"", "it would come back for ever"},
      {good + "user = \"u\"", "has no password"},
      {good + "ca = \"x.pem\"", "'tls'"},
      {good + "tls = true\ncert = \"x.pem\"", "stands alone"},
      {good + "[options]\n\"sasl.password\" = \"x\"", "not free to be set"},
      {good + "value = \"a\"\n[values]\nb = \"c\"", "stands beside"},
      {good + "formt = \"json\"", "formt"},
      {good + "session = \"10ms\"", "'session'"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.toml);
    const auto said = made<Source>(one.toml);
    CAPTURE(said);
    CHECK(holds(said, one.part));
  }
  ::setenv("SOSIE_TEST_KAFKA", "s3cret", 1);
  const std::string user = "user = \"u\"\npassword_env = \"SOSIE_TEST_KAFKA\"\n";
  CHECK(made<Source>(good + user).empty());
  const auto far = made<Source>("brokers = [\"kafka:9092\"]\ntopics = [\"t\"]\n" + user);
  CHECK(holds(far, "in clear"));
  CHECK_FALSE(holds(far, "s3cret"));
}

TEST_CASE("kafka: the sink's topics") {
  CHECK(made<Sink>("brokers = [\"localhost\"]\nreadings = \"r\"").empty());
  CHECK(made<Sink>("brokers = [\"localhost\"]\nfindings = \"f\"").empty());
  CHECK(holds(made<Sink>("brokers = [\"localhost\"]"), "'readings'"));
  CHECK(holds(made<Sink>("brokers = [\"localhost\"]\nalarms = \"a/b\""), "'alarms'"));
}

}  // namespace
}  // namespace kafka
}  // namespace sosie
