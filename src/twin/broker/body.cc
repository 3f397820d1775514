#include "twin/broker/body.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/model/name_index.h"

namespace sosie::ngsi {
namespace {

Checked<void> check_known(const Object& object, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : object) {
    if (std::ranges::find(known, key.view()) == known.end()) {
      return bad_request(fmt::format("Unrecognized field in JSON payload: /{}/", key.view()));
    }
  }
  return {};
}

}  // namespace

Checked<const Object*> body_object(const Value& body,
                                   std::initializer_list<std::string_view> known) {
  if (body.object() == nullptr) return unreadable_body();
  if (body.object()->empty()) return bad_request("empty payload");
  TRY(check_known(*body.object(), known));
  return body.object();
}

Checked<const Object*> object_part(const Value& part, std::string_view what,
                                   std::initializer_list<std::string_view> known) {
  if (part.object() == nullptr) return bad_request(fmt::format("{} is not a JSON object", what));
  if (part.object()->empty()) return bad_request(fmt::format("{} is empty", what));
  TRY(check_known(*part.object(), known));
  return part.object();
}

Checked<const Array*> array_at(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member == nullptr) return static_cast<const Array*>(nullptr);
  if (member->array() == nullptr) return bad_request(fmt::format("{} is not an array", key));
  return member->array();
}

Checked<std::optional<std::string_view>> text_at(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member == nullptr) return std::optional<std::string_view>();
  if (member->text() == nullptr) return bad_request(fmt::format("{} is not a string", key));
  return std::optional<std::string_view>(member->text()->view());
}

Checked<std::optional<std::vector<Text>>> texts_at(const Object& object, std::string_view key) {
  const Array* array = TRY(array_at(object, key));
  if (array == nullptr) return std::optional<std::vector<Text>>();
  std::vector<Text> texts;
  for (const auto& item : *array) {
    if (item.text() == nullptr) {
      return bad_request(fmt::format("{} element is not a string", key));
    }
    texts.push_back(*item.text());
  }
  return std::optional(std::move(texts));
}

Checked<std::vector<Text>> names_at(const Object& object, std::string_view key) {
  std::vector<Text> names;
  const Value* list = find(object, key);
  if (list == nullptr) return names;
  if (list->array() == nullptr) {
    return bad_request(fmt::format("the field /{}/ must be a JSON array", key));
  }
  NameIndex index(names);
  for (const auto& item : *list->array()) {
    if (item.text() == nullptr) {
      return bad_request(fmt::format("only JSON Strings allowed in string vector /{}/", key));
    }
    if (item.text()->empty()) {
      return bad_request(fmt::format("empty string found in string vector /{}/", key));
    }
    if (!index.has(*item.text())) names.push_back(intern(*item.text()));
  }
  return names;
}

Checked<std::optional<std::int64_t>> integer_at(const Object& object, std::string_view key) {
  constexpr double widest = 9.0e18;  // within 64 bits
  const Value* member = find(object, key);
  if (member == nullptr) return std::optional<std::int64_t>();
  const double* number = member->number();
  const bool is_whole = number != nullptr && std::abs(*number) < widest &&
                        *number == static_cast<double>(static_cast<std::int64_t>(*number));
  if (!is_whole) return bad_request(fmt::format("{} is not an int", key));
  return std::optional(static_cast<std::int64_t>(*number));
}

Checked<std::optional<bool>> flag_at(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member == nullptr) return std::optional<bool>();
  if (member->flag() == nullptr) return bad_request(fmt::format("{} is not a bool", key));
  return std::optional<bool>(*member->flag());
}

}  // namespace sosie::ngsi
