#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/result.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The same JSON with an exponent behind each whole number, so that those beyond 64 bits, which
/// simdjson refuses, are read as doubles.
std::string without_whole_numbers(std::string_view body) {
  std::string out;
  out.reserve(body.size() + 64);
  bool in_text = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    out += c;
    if (in_text && c == '\\' && i + 1 < body.size()) {
      out += body[++i];
    } else if (c == '"') {
      in_text = !in_text;
    } else if (!in_text && is_digit(c)) {
      const std::size_t end = std::min(body.find_first_not_of("0123456789+-.eE", i), body.size());
      const std::string_view rest = body.substr(i + 1, end - i - 1);
      out += rest;
      if (rest.find_first_of(".eE") == std::string_view::npos) out += "e0";
      i = end - 1;
    }
  }
  return out;
}

/// A key that stands twice.
std::optional<Text> repeated(const Object& members) {
  constexpr std::size_t few = 16;
  if (members.size() <= few) {
    for (auto m = members.begin(); m != members.end(); ++m) {
      const auto again = [&](const Member& other) { return other.key == m->key; };
      if (std::any_of(members.begin(), m, again)) return m->key;
    }
    return std::nullopt;
  }
  std::vector<std::string_view> keys;
  keys.reserve(members.size());
  for (const Member& member : members) keys.push_back(member.key);
  std::ranges::sort(keys);
  const auto twin = std::ranges::adjacent_find(keys);
  return twin == keys.end() ? std::nullopt : std::optional(Text(*twin));
}

/// Turns simdjson's tree into ours, while it counts the levels.
class Builder {
 public:
  Checked<Value> build(simdjson::dom::element element, std::size_t level) {
    switch (element.type()) {
      case simdjson::dom::element_type::ARRAY:
        return build_array(simdjson::dom::array(element.get_array().value_unsafe()), level + 1);
      case simdjson::dom::element_type::OBJECT:
        return build_object(simdjson::dom::object(element.get_object().value_unsafe()), level + 1);
      case simdjson::dom::element_type::STRING:
        return Value(Text(element.get_string().value_unsafe()));
      case simdjson::dom::element_type::BOOL:
        return Value(element.get_bool().value_unsafe());
      case simdjson::dom::element_type::NULL_VALUE:
        return nullptr;
      default:
        return Value(element.get_double().value_unsafe());
    }
  }

 private:
  static Checked<void> check_level(std::size_t level) {
    if (level > max_body_nesting) return too_deep();
    return {};
  }

  Checked<Value> build_array(simdjson::dom::array from, std::size_t level) {
    TRY(check_level(level));
    Array items;
    items.reserve(from.size());
    for (const simdjson::dom::element item : from) {
      auto built = TRY(build(item, level));
      items.push_back(std::move(built));
    }
    return Value(std::move(items));
  }

  Checked<Value> build_object(simdjson::dom::object from, std::size_t level) {
    TRY(check_level(level));
    Object members;
    members.reserve(from.size());
    for (const auto field : from) {
      auto built = TRY(build(field.value, level));
      members.push_back({.key = intern(field.key), .value = std::move(built)});
    }
    if (const auto key = repeated(members)) {
      return bad_request(fmt::format("duplicated {} key in attribute", key->view()));
    }
    return Value(std::move(members));
  }
};

}  // namespace

Checked<Value> parse_json(std::string_view body) {
  thread_local simdjson::dom::parser parser;
  auto parsed = parser.parse(body.data(), body.size());
  if (parsed.error() == simdjson::NUMBER_ERROR) {
    parsed = parser.parse(without_whole_numbers(body));
  }
  if (parsed.error() == simdjson::DEPTH_ERROR) {
    return too_deep();
  }
  if (parsed.error() != simdjson::SUCCESS) {
    return unreadable_body();
  }
  return Builder().build(parsed.value_unsafe(), 0);
}

}  // namespace sosie::ngsi
