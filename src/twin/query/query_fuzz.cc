#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "twin/model/entity.h"
#include "twin/query/filter.h"
#include "twin/query/geo.h"
#include "twin/query/order.h"
#include "twin/query/pattern.h"

namespace {

using namespace sosie::ngsi;  // NOLINT(google-build-using-namespace): this file is one function

Entity an_entity() {
  Entity entity{.id = "E", .type = "T"};
  entity.attributes.push_back({"a", "Number", 7, {{"m", "Text", "x"}}});
  entity.attributes.push_back({"b", "StructuredValue", Array{1, "x", Object{{"c", 3}}}});
  entity.attributes.push_back({"t", "DateTime", "2020-01-01T00:00:00.000Z"});
  entity.attributes.push_back({"location", "geo:point", "1,1"});
  return entity;
}

void ask_place(std::string_view text, const Entity& entity) {
  const auto parts = sosie::split(text, '|');
  if (parts.size() < 3) return;
  const auto query = GeoQuery::create(parts[0], parts[1], parts[2]);
  if (!query) return;
  query->matches(entity);
  const auto distance = query->distance_m(entity);
  if (distance && !std::isfinite(*distance)) std::abort();
}

}  // namespace

/// The first byte chooses the language; what is a query is asked of an entity. A place is
/// `georel|geometry|coords`.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Entity entity = an_entity();
  switch (data[0] % 5) {
    case 0:
      if (const auto filter = Filter::q(text)) filter->matches(entity);
      break;
    case 1:
      if (const auto filter = Filter::mq(text)) filter->matches(entity);
      break;
    case 2:
      ask_place(text, entity);
      break;
    case 3:
      if (const auto order = Order::parse(text)) {
        std::vector<const Entity*> entities = {&entity, &entity};
        order->sort(entities, nullptr);
      }
      break;
    default:
      if (const auto pattern = Pattern::create(text)) (void)pattern->found_in("Room1");
  }
  return 0;
}
