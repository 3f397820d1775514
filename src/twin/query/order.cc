#include "twin/query/order.h"

#include <algorithm>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "twin/model/date.h"

namespace sosie::ngsi {

namespace {

constexpr std::string_view by_distance = "geo:distance";

Value key_of(const Entity& entity, std::string_view name, const GeoQuery* geo) {
  if (name == "id") return entity.id;
  if (name == "type") return entity.type;
  if (name == "servicePath") return entity.service_path;
  if (name == "dateCreated") return print_date(entity.created);
  if (name == "dateModified") return print_date(entity.modified);
  if (name == "dateExpires") return entity.expires ? Value(print_date(*entity.expires)) : Value();
  if (name == by_distance && geo != nullptr) {
    const auto distance = geo->distance_m(entity);
    return distance ? Value(*distance) : Value();
  }
  const Attribute* attribute = entity.find(name);
  return attribute == nullptr ? Value() : attribute->value;
}

}  // namespace

Checked<Order> Order::parse(std::string_view text) {
  Order order;
  for (std::string_view name : split(text, ',')) {
    const bool descending = name.starts_with('!');
    if (descending) name.remove_prefix(1);
    if (name.empty()) return bad_request("empty token in orderBy");
    if (std::ranges::find(order.keys_, name, [](const Key& key) { return key.name.view(); }) !=
        order.keys_.end()) {
      return bad_request("duplicated token in orderBy");
    }
    order.keys_.push_back({.name = intern(name), .descending = descending});
  }
  return order;
}

void Order::sort(std::vector<const Entity*>& entities, const GeoQuery* geo) const {
  struct Row {
    std::vector<Value> keys;
    const Entity* entity;
    std::size_t place;  ///< in which it came, which decides between equal ones
  };
  std::vector<Row> rows;
  rows.reserve(entities.size());
  for (const Entity* entity : entities) {
    Row row{.keys = {}, .entity = entity, .place = rows.size()};
    for (const Key& key : keys_) row.keys.push_back(key_of(*entity, key.name, geo));
    rows.push_back(std::move(row));
  }
  std::ranges::sort(rows, [&](const Row& a, const Row& b) {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const auto order = a.keys[i] <=> b.keys[i];
      if (order != 0) return keys_[i].descending ? order > 0 : order < 0;
    }
    return a.place < b.place;
  });
  std::ranges::transform(rows, entities.begin(), &Row::entity);
}

bool Order::needs_distance() const {
  return std::ranges::any_of(keys_, [](const Key& key) { return key.name == by_distance; });
}

}  // namespace sosie::ngsi
