#include "wire/line/naming.h"

#include <algorithm>

namespace sosie::line {
namespace {

/// By their names: two senders may write the same tags in another order.
std::vector<Tag> sorted(std::vector<Tag> tags) {
  std::ranges::sort(tags, {}, &Tag::key);
  return tags;
}

}  // namespace

std::string_view Naming::tag_of_entity(const Point& point) const {
  for (const auto& key : entity_tags) {
    if (const auto value = point.tag(key); !value.empty()) return value;
  }
  return {};
}

void Naming::append_entity(std::string& to, const Point& point) const {
  const auto tag = tag_of_entity(point);
  to.append(tag.empty() ? point.measurement : tag);
  const auto add = [&](std::string_view value) {
    if (!value.empty()) to.append(".").append(value);
  };
  if (name_tags) {
    for (const auto& key : *name_tags) add(point.tag(key));
  } else if (tag.empty()) {
    for (const auto& one : sorted(point.tags)) add(one.value);
  }
}

std::string_view Naming::attribute_of(const Point& point, const Field& field) const {
  if (field.key != "value") return field.key;
  const bool names_it = value_is_measurement && !tag_of_entity(point).empty();
  return names_it ? point.measurement : std::string_view();
}

}  // namespace sosie::line
