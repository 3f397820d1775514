#include "twin/query/order.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "twin/model/date.h"

namespace sosie::ngsi {
namespace {

std::string sorted(const std::vector<Entity>& entities, std::string_view by,
                   const GeoQuery* geo = nullptr) {
  const auto order = Order::parse(by);
  REQUIRE(order);
  std::vector<const Entity*> pointers;
  for (const Entity& entity : entities) pointers.push_back(&entity);
  order->sort(pointers, geo);
  std::string out;
  for (const Entity* entity : pointers) out += entity->id.view();
  return out;
}

Entity with(std::string_view id, Value a, Value b = {}) {
  return {
      .id = id, .type = "T", .attributes = {{"a", "x", std::move(a)}, {"b", "x", std::move(b)}}};
}

TEST_CASE("order: keys, directions, ties") {
  const std::vector<Entity> entities = {with("1", 3, "x"), with("2", 1, "y"), with("3", 3, "y"),
                                        with("4", 2, "x"), with("5", 3, "x")};
  CHECK(sorted(entities, "a") == "24135");
  CHECK(sorted(entities, "!a") == "13542");
  CHECK(sorted(entities, "b,a") == "41523");
  CHECK(sorted(entities, "!b,!a") == "32154");
  CHECK(sorted(entities, "!id") == "54321");
  CHECK(sorted(entities, "nothing") == "12345");
  CHECK(sorted(entities, "type,!nothing") == "12345");
}

TEST_CASE("order: values of different kinds") {
  const std::vector<Entity> entities = {with("1", true),   with("2", Array{1}), with("3", Object{}),
                                        with("4", "text"), with("5", 7),        with("6", nullptr),
                                        with("7", false),  {.id = "8"}};
  CHECK(sorted(entities, "a") == "68543271");
  CHECK(sorted(entities, "!a") == "17234568");
}

TEST_CASE("order: built-in attributes") {
  std::vector<Entity> entities = {with("1", 1), with("2", 1), with("3", 1)};
  entities[0].created = *parse_date("2020-01-03");
  entities[1].created = *parse_date("2020-01-01");
  entities[2].created = *parse_date("2020-01-02");
  entities[1].expires = *parse_date("2030-01-01");
  entities[0].service_path = "/b";
  entities[1].service_path = "/c";
  entities[2].service_path = "/a";
  CHECK(sorted(entities, "dateCreated") == "231");
  CHECK(sorted(entities, "!dateExpires") == "213");
  CHECK(sorted(entities, "servicePath") == "312");
  CHECK(sorted(entities, "dateModified") == "123");
}

TEST_CASE("order: by distance") {
  std::vector<Entity> entities;
  for (const std::string_view place : {"0,3", "0,1", "0,2", "0,-1"}) {
    entities.push_back({.id = std::to_string(entities.size() + 1),
                        .attributes = {{"location", "geo:point", place}}});
  }
  const auto near = GeoQuery::create("near;maxDistance:1000000", "point", "0,0");
  REQUIRE(near);
  CHECK(near->is_near());
  CHECK(Order::parse("geo:distance")->needs_distance());
  CHECK_FALSE(Order::parse("a")->needs_distance());
  CHECK(sorted(entities, "geo:distance", &*near) == "2431");
  CHECK(sorted(entities, "!geo:distance", &*near) == "1324");
  CHECK(sorted(entities, "geo:distance,!id", &*near) == "4231");
}

TEST_CASE("order: what is none") {
  for (const std::string_view text : {"", "a,", ",a", "a,,b", "!", "a,!", "a,b,a", "a,!a"}) {
    CAPTURE(text);
    CHECK_FALSE(Order::parse(text));
  }
}

}  // namespace
}  // namespace sosie::ngsi
