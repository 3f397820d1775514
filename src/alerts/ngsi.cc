#include <algorithm>

#include <fmt/format.h>

#include "alerts/parts.h"

namespace sosie::alerts {
namespace {

bool is_built_in(std::string_view name) {
  return name == "id" || name == "type" || name == "dateCreated" || name == "dateModified" ||
         name == "TimeInstant" || name == "alterationType" || name == "servicePath";
}

const json::Value* member(const json::Value& object, std::string_view name) {
  const auto* const members = object.object();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find(*members, name, &json::Value::Member::key);
  return found == members->end() ? nullptr : &found->value;
}

/// {"value": 31.5, "type": "Number", "metadata": {}}
bool is_normalized(const json::Value& attribute) {
  const auto* const members = attribute.object();
  if (members == nullptr || member(attribute, "value") == nullptr) return false;
  return std::ranges::all_of(*members, [](const auto& part) {
    return part.key == "value" || part.key == "type" || part.key == "metadata";
  });
}

/// What an attribute holds, in either form.
const json::Value& value_of(const json::Value& attribute) {
  return is_normalized(attribute) ? *member(attribute, "value") : attribute;
}
const json::Value& value_of(json::Value&&) = delete;  // it would not live as long as the answer

std::optional<Timestamp> time_in(const json::Value& entity) {
  for (const auto* const name : {"TimeInstant", "dateObserved", "dateIssued", "dateModified"}) {
    const auto* const attribute = member(entity, name);
    if (attribute == nullptr) continue;
    if (const auto at = time_of(value_of(*attribute))) return at;
  }
  return std::nullopt;
}

/// "temperature is 31.5, humidity is 40"
std::string list_of(const std::vector<NamedValue>& values, std::string_view is) {
  std::string text;
  for (const auto& value : values) {
    if (!text.empty()) text += ", ";
    text += value.name.empty() ? value.text : fmt::format("{} {} {}", value.name, is, value.text);
  }
  return text;
}

/// What stands for itself in FIWARE's data model "Alert", and in what people send alike.
bool is_about_alert(std::string_view name) {
  return name == "severity" || name == "description" || name == "message";
}

void read_attributes(const json::Value& entity, Notice& notice) {
  for (const auto& [name, attribute] : *entity.object()) {
    if (is_built_in(name)) continue;
    const auto& value = value_of(attribute);
    if (is_about_alert(name) && value.text() != nullptr) {
      if (name != "severity") notice.message.en = tidy(*value.text(), longest_text);
      if (name == "severity") {
        notice.priority = priority_of(*value.text()).value_or(notice.priority);
      }
    } else if (notice.values.size() < most_values) {
      notice.values.push_back({tidy(name, longest_name), shown(value)});
    }
  }
}

void name_condition(Notice& notice) {
  notice.condition = fmt::format("ngsi/{}/{}/{}", notice.subscription, notice.entity, notice.type);
  auto names = notice.values;
  std::ranges::sort(names, {}, &NamedValue::name);
  for (const auto& value : names) notice.condition += fmt::format("/{}", value.name);
}

Notice read_entity(const json::Value& entity, std::string_view subscription) {
  Notice notice;
  notice.source = Source::ngsi;
  notice.subscription = tidy(subscription, longest_name);
  notice.at = time_in(entity);
  if (const auto* const values = entity.list()) {  // the form "values" says neither which nor whose
    for (const auto& value : *values) {
      if (notice.values.size() < most_values) notice.values.push_back({"", shown(value)});
    }
  } else {
    if (const auto* const id = member(entity, "id")) notice.entity = shown(*id);
    if (const auto* const type = member(entity, "type")) notice.type = shown(*type);
    read_attributes(entity, notice);
  }
  if (notice.message.en.empty()) {
    notice.message = {tidy(list_of(notice.values, "is"), longest_text),
                      tidy(list_of(notice.values, "vaut"), longest_text)};
  }
  name_condition(notice);
  notice.raw = to_json(entity);
  return notice;
}

}  // namespace

bool is_ngsi(const json::Value& body) {
  const auto* const data = member(body, "data");
  if (member(body, "subscriptionId") != nullptr && data != nullptr && data->list() != nullptr) {
    return true;
  }
  const auto* const id = member(body, "id");
  const auto* const type = member(body, "type");
  return id != nullptr && id->text() != nullptr && type != nullptr && type->text() != nullptr;
}

std::vector<Notice> read_ngsi(const json::Value& body) {
  const auto* const data = member(body, "data");
  const auto* const id = member(body, "subscriptionId");
  if (id == nullptr || data == nullptr || data->list() == nullptr) return {read_entity(body, "")};
  std::vector<Notice> notices;
  for (const auto& entity : *data->list()) {
    if (entity.object() == nullptr && entity.list() == nullptr) continue;
    notices.push_back(read_entity(entity, shown(*id)));
  }
  return notices;
}

}  // namespace sosie::alerts
