#include "twin/broker/roll.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/random.h"
#include "twin/broker/entity_store.h"
#include "twin/query/filter.h"

namespace sosie::ngsi {
namespace {

Value draw_value(Random& random) {
  switch (random.below(6)) {
    case 0:
      return Value(fmt::format("t{}", random.below(50)));
    case 1:
      return Value(Array{Value(static_cast<double>(random.below(50))), Value("t1")});
    case 2:
      return Value(random.below(2) == 0);
    case 3:
      return Value();
    default:
      return Value(static_cast<double>(random.below(200)) / 2);
  }
}

Entity draw_entity(Random& random, std::uint64_t number) {
  Entity entity;
  entity.id = Text(fmt::format("E{}", number));
  entity.type = Text(random.below(4) == 0 ? "S" : "T");
  entity.service_path = Text("/");
  for (const auto* name : {"a", "b"}) {
    if (random.below(5) == 0) continue;
    entity.attributes.push_back(
        {.name = Text(name), .type = Text("Number"), .value = draw_value(random)});
  }
  return entity;
}

std::string numbers(const EntityStore& store, std::string_view type, const Filter& filter,
                    std::span<const Probe> probes) {
  std::string out;
  store.each(type, probes, [&](const StoredEntity& entity) {
    if (filter.matches(entity)) out += fmt::format(" {}", entity.number);
    return true;
  });
  return out;
}

}  // namespace

TEST_CASE("roll: with columns every question finds what it finds without, whatever changes") {
  const std::vector<std::string> questions{"a==3",       "a==3,t7,9.5", "a>99",
                                           "a>=99.5",    "a<0.5",       "a<=0",
                                           "a==10..12",  "a==t1..t3",   "a!=3",
                                           "a~=t1",      "a",           "!a",
                                           "a==true",    "a>t4",        "a==null",
                                           "a==3;b==t1", "b<1;a>9",     "c==1",
                                           "a==t49",     "a.x==1",      "dateCreated>2020-01-01"};
  Random random(7);
  EntityStore store;
  std::vector<StoredEntity*> all;
  for (std::uint64_t i = 0; i < 6000; ++i) all.push_back(&store.add(draw_entity(random, i)));
  for (int round = 0; round < 6; ++round) {
    for (const auto& question : questions) {
      CAPTURE(question);
      const auto filter = Filter::q(question);
      REQUIRE(filter);
      const auto probes = filter->probes();
      for (const auto* type : {"T", ""}) {
        CHECK(numbers(store, type, *filter, probes) == numbers(store, type, *filter, {}));
      }
    }
    for (int change = 0; change < 1500; ++change) {
      const auto at = random.below(all.size());
      if (random.below(3) == 0) {
        store.remove(*all[at]);
        all[at] = &store.add(draw_entity(random, 10'000 + random.below(1'000'000'000)));
      } else if (!all[at]->attributes.empty()) {
        all[at]->attributes.front().value = draw_value(random);
        store.changed(*all[at]);
      }
    }
  }
}

}  // namespace sosie::ngsi
