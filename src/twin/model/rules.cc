#include "twin/model/rules.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/result.h"

namespace sosie::ngsi {

namespace {

constexpr std::size_t longest_field = 256;
constexpr std::string_view unrestricted = "TextUnrestricted";

constexpr std::array<bool, 256> make_table(std::string_view marked) {
  std::array<bool, 256> table{};
  for (const char c : marked) table[static_cast<unsigned char>(c)] = true;
  return table;
}

constexpr auto forbidden = make_table("<>\"'=;()");
constexpr auto not_in_fields = make_table("<>\"'=;()&?/#");

bool is_field_character(char c) {
  return c > ' ' && c < 0x7F && !not_in_fields[static_cast<unsigned char>(c)];
}

}  // namespace

bool has_forbidden(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return forbidden[static_cast<unsigned char>(c)]; });
}

bool has_forbidden(const Value& value) {
  if (const Text* text = value.text()) return has_forbidden(text->view());
  if (const Array* items = value.array()) {
    return std::ranges::any_of(*items, [](const Value& item) { return has_forbidden(item); });
  }
  if (const Object* members = value.object()) {
    return std::ranges::any_of(*members, [](const Member& member) {
      return has_forbidden(member.key.view()) || has_forbidden(member.value);
    });
  }
  return false;
}

Checked<void> check_field(std::string_view text, std::string_view what) {
  if (text.empty()) return bad_request(fmt::format("{} length: 0, min length supported: 1", what));
  if (text.size() > longest_field) {
    return bad_request(
        fmt::format("{} length: {}, max length supported: {}", what, text.size(), longest_field));
  }
  if (!std::ranges::all_of(text, is_field_character)) {
    return bad_request(fmt::format("Invalid characters in {}", what));
  }
  return {};
}

Checked<void> check_attribute_name(std::string_view name) {
  TRY(check_field(name, "attribute name"));
  for (const std::string_view reserved : {"id", "type", "geo:distance", "*"}) {
    if (name == reserved) return bad_request("Invalid characters in attribute name");
  }
  return {};
}

Checked<void> check_metadata_name(std::string_view name) {
  TRY(check_field(name, "metadata name"));
  if (name == "*") return bad_request("Invalid characters in metadata name");
  return {};
}

bool is_unrestricted(std::string_view type, const std::vector<Metadata>& metadata) {
  return type == unrestricted || std::ranges::any_of(metadata, [](const Metadata& m) {
           return m.name == unrestricted && m.value == Value(true);
         });
}

Checked<void> check_attribute_value(const Value& value, std::string_view type) {
  if (type != unrestricted && has_forbidden(value)) {
    return bad_request("Invalid characters in attribute value");
  }
  return {};
}

}  // namespace sosie::ngsi
