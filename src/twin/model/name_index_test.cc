#include "twin/model/name_index.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "twin/model/entity.h"

namespace sosie::ngsi {
namespace {

Attribute called(const std::string& name) {
  return {.name = Text(name)};
}

}  // namespace

TEST_CASE("name index: finds what a search finds, in lists that are short, long and growing") {
  for (const int size : {0, 1, 32, 33, 500}) {
    std::vector<Attribute> list;
    for (int i = 0; i < size; ++i) list.push_back(called("a" + std::to_string(i)));
    NameIndex index(list);
    for (int i = 0; i < 600; ++i) {
      const std::string name = "a" + std::to_string(i);
      CHECK(index.find(name) == (i < size ? &list[static_cast<std::size_t>(i)] : nullptr));
    }
    for (int i = 0; i < 100; ++i) {
      list.push_back(called("b" + std::to_string(i)));
      CHECK(index.find("b" + std::to_string(i)) == &list.back());
      CHECK_FALSE(index.has("b" + std::to_string(i + 1)));
    }
  }
}

TEST_CASE("name index: of equal names the first, whether by looking or by the table") {
  std::vector<Text> names(40, Text("x"));
  NameIndex index(names);
  for (int i = 0; i < 100; ++i) CHECK(index.find("x") == names.data());
}

}  // namespace sosie::ngsi
