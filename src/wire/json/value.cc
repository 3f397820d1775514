#include "wire/json/value.h"

#include <algorithm>
#include <cmath>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include "base/text.h"
#include "wire/json/file.h"

namespace sosie::json {
namespace {

namespace od = simdjson::ondemand;
using simdjson::error_code;

constexpr std::size_t max_bytes = std::size_t{1} << 20U;
constexpr int max_depth = 64;

Error not_json(error_code failed) {
  return {Errc::invalid, fmt::format("not JSON: {}", simdjson::error_message(failed))};
}

Result<Value> convert(od::value from, int levels);

Result<Value> convert_list(od::value& from, int levels) {
  od::array array;
  if (const auto failed = from.get_array().get(array)) return not_json(failed);
  Value::List list;
  for (auto element : array) {
    od::value next;
    if (const auto failed = element.get(next)) return not_json(failed);
    auto item = TRY(convert(next, levels - 1));
    list.push_back(std::move(item));
  }
  return Value{std::move(list)};
}

const std::string* find_twice(const Value::Object& object) {
  std::vector<const std::string*> keys;
  keys.reserve(object.size());
  for (const auto& [key, value] : object) keys.push_back(&key);
  const auto text = [](const std::string* key) { return std::string_view(*key); };
  std::ranges::sort(keys, {}, text);
  const auto twice = std::ranges::adjacent_find(keys, {}, text);
  return twice == keys.end() ? nullptr : *twice;
}

Result<Value> convert_object(od::value& from, int levels) {
  od::object members;
  if (const auto failed = from.get_object().get(members)) return not_json(failed);
  Value::Object object;
  for (auto member : members) {
    std::string_view key;
    od::value next;
    if (const auto failed = member.unescaped_key().get(key)) return not_json(failed);
    if (const auto failed = member.value().get(next)) return not_json(failed);
    std::string name(key);
    auto value = TRY(convert(next, levels - 1));
    object.push_back({std::move(name), std::move(value)});
  }
  if (const auto* key = find_twice(object)) {
    return Error{Errc::invalid, fmt::format("'{}' is given twice in one object", *key)};
  }
  return Value{std::move(object)};
}

/// A value or a whole document: a scalar alone is a document too.
template <class From>
Result<Value> convert_number(From& from) {
  std::int64_t whole = 0;
  if (from.get_int64().get(whole) == simdjson::SUCCESS) return Value{whole};
  double real = 0;
  if (const auto failed = from.get_double().get(real)) return not_json(failed);
  if (!std::isfinite(real)) return not_json(simdjson::NUMBER_ERROR);
  return Value{real};
}

template <class From>
Result<Value> convert_scalar(From& from, od::json_type type) {
  if (type == od::json_type::number) return convert_number(from);
  if (type == od::json_type::string) {
    std::string_view text;
    if (const auto failed = from.get_string().get(text)) return not_json(failed);
    return Value{std::string(text)};
  }
  if (type == od::json_type::boolean) {
    bool flag = false;
    if (const auto failed = from.get_bool().get(flag)) return not_json(failed);
    return Value{flag};
  }
  bool null = false;
  const auto failed = from.is_null().get(null);
  if (failed || !null) return not_json(simdjson::N_ATOM_ERROR);
  return Value{nullptr};
}

Result<Value> convert(od::value from, int levels) {
  if (levels == 0) {
    return Error{Errc::invalid, fmt::format("JSON deeper than {} levels", max_depth)};
  }
  auto type = od::json_type::null;
  if (const auto failed = from.type().get(type)) return not_json(failed);
  if (type == od::json_type::array) return convert_list(from, levels);
  if (type == od::json_type::object) return convert_object(from, levels);
  return convert_scalar(from, type);
}

Result<Value> convert_document(od::document& document) {
  auto type = od::json_type::null;
  if (const auto failed = document.type().get(type)) return not_json(failed);
  if (type != od::json_type::array && type != od::json_type::object) {
    return convert_scalar(document, type);
  }
  od::value root;
  if (const auto failed = document.get_value().get(root)) return not_json(failed);
  auto value = TRY(convert(root, max_depth));
  if (document.current_location().error() == simdjson::SUCCESS) {
    return Error{Errc::invalid, "not JSON: text goes on after the end"};
  }
  return value;
}

Result<void> check_length(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return {};
  return Error{Errc::invalid,
               fmt::format("{} bytes; expected at most {}", text.size(), most_bytes)};
}

Result<Value> parse_padded(od::parser& parser, const simdjson::padded_string& text) {
  od::document document;
  if (const auto failed = parser.iterate(text).get(document)) return not_json(failed);
  return convert_document(document);
}

const Value* member(const Value::Object& object, std::string_view key) {
  const auto found =
      std::ranges::find(object, key, [](const auto& m) { return std::string_view(m.key); });
  return found == object.end() ? nullptr : &found->value;
}

const Value* element(const Value::List& list, std::string_view key) {
  const auto index = to_integer(key);
  if (!index || *index < 0 || static_cast<std::size_t>(*index) >= list.size()) return nullptr;
  return &list[static_cast<std::size_t>(*index)];
}

}  // namespace

const Value* Value::find(std::string_view path) const {
  if (path.empty()) return this;
  for (auto end = path.size(); end != std::string_view::npos && end > 0;
       end = path.rfind('.', end - 1)) {
    const auto key = path.substr(0, end);
    const Value* next = nullptr;
    if (const auto* members = object()) next = member(*members, key);
    if (const auto* elements = list()) next = element(*elements, key);
    if (next != nullptr) return next->find(path.substr(std::min(path.size(), end + 1)));
  }
  return nullptr;
}

std::optional<double> Value::number() const {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

std::string_view Value::kind() const {
  constexpr std::string_view kinds[] = {"null",   "a truth value", "a number", "a number",
                                        "a text", "a list",        "an object"};
  return kinds[value.index()];
}

struct Parser::Buffers {
  od::parser parser;
  simdjson::padded_string text;
};

Parser::Parser() : buffers_(std::make_unique<Buffers>()) {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

Result<Value> Parser::parse(std::string_view text) {
  TRY(check_length(text, max_bytes));
  buffers_->text = simdjson::padded_string(text);
  return parse_padded(buffers_->parser, buffers_->text);
}

Result<Value> parse(std::string_view text) {
  return Parser().parse(text);
}

Result<Value> parse_file(std::string_view text, std::size_t most_bytes) {
  TRY(check_length(text, most_bytes));
  od::parser parser;
  const simdjson::padded_string padded(text);
  return parse_padded(parser, padded);
}

}  // namespace sosie::json
