#include "wire/ngsi/measures.h"

#include <array>

#include "base/text.h"
#include "base/time_text.h"

namespace sosie::context {
namespace {

/// {"type": …, "value": …} as against a value alone.
const json::Value* value_of(const json::Value& attribute) {
  if (attribute.object() == nullptr) return &attribute;
  return attribute.find("value");
}

std::optional<Timestamp> time_in(const json::Value& place, const char* name) {
  const auto* const found = place.find(name);
  const auto* const value = found == nullptr ? nullptr : value_of(*found);
  if (value == nullptr || value->text() == nullptr) return std::nullopt;
  return from_iso8601(*value->text());
}

std::optional<double> number_in(const json::Value& attribute) {
  const auto* const value = value_of(attribute);
  if (value == nullptr) return std::nullopt;
  if (const auto number = value->number()) return number;
  const auto* const type = attribute.object() == nullptr ? nullptr : attribute.find("type");
  if (value->text() == nullptr || type == nullptr || type->text() == nullptr) return std::nullopt;
  constexpr std::array<std::string_view, 4> numeric{"Number", "Float", "Double", "Integer"};
  for (const auto name : numeric) {
    if (*type->text() == name) return to_number(*value->text());
  }
  return std::nullopt;
}

std::string text_in(const json::Value& place, const char* name) {
  const auto* const found = place.find(name);
  const auto* const value = found == nullptr ? nullptr : value_of(*found);
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string();
}

/// When and in what unit it was measured, where its metadata say so.
void read_metadata(const json::Value& attribute, Measure& measure) {
  const auto* const metadata = attribute.object() == nullptr ? nullptr : attribute.find("metadata");
  if (metadata == nullptr) return;
  measure.at = time_in(*metadata, "TimeInstant");
  if (!measure.at) measure.at = time_in(*metadata, "dateModified");
  measure.unit = text_in(*metadata, "unit");
  if (measure.unit.empty()) measure.unit = text_in(*metadata, "unitCode");
}

}  // namespace

Result<std::vector<Measure>> read_measures(const json::Value& entity) {
  const auto* const members = entity.object();
  const auto id = members == nullptr ? std::string() : text_in(entity, "id");
  if (id.empty()) return Error{Errc::invalid, "an entity without an id"};
  auto of_all = time_in(entity, "TimeInstant");
  if (!of_all) of_all = time_in(entity, "dateModified");
  std::vector<Measure> measures;
  for (const auto& [name, attribute] : *members) {
    if (name == "id" || name == "type") continue;
    const auto number = number_in(attribute);
    if (!number) continue;
    Measure measure{.entity = id, .attribute = name, .value = *number, .at = {}, .unit = {}};
    read_metadata(attribute, measure);
    if (!measure.at) measure.at = of_all;
    measures.push_back(std::move(measure));
  }
  return measures;
}

}  // namespace sosie::context
