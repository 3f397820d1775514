#pragma once

#include <string_view>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

namespace sosie::json {

// What this room's readers on simdjson's on-demand interface share. No other room needs it.
namespace od = simdjson::ondemand;
using simdjson::error_code;

constexpr int max_levels = 32;

/// Whether the text cannot be read on from where this happened.
inline bool is_broken(error_code code) {
  switch (code) {
    case simdjson::SUCCESS:
    case simdjson::INCORRECT_TYPE:
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE:
    case simdjson::STRING_ERROR:
      return false;
    default:
      return true;
  }
}

inline std::string_view kind_of(od::json_type type) {
  switch (type) {
    case od::json_type::array:
      return "a list";
    case od::json_type::object:
      return "an object";
    case od::json_type::number:
      return "a number";
    case od::json_type::string:
      return "a text";
    case od::json_type::boolean:
      return "a truth value";
    case od::json_type::null:
      return "null";
  }
  return "not JSON";
}

/// Reads the whole of a value that nobody asked for: on demand, what is not visited is not checked.
inline error_code check_rest(od::value value, int levels);

inline error_code check_array(od::value& value, int levels) {
  od::array array;
  if (const auto failed = value.get_array().get(array)) return failed;
  for (auto element : array) {
    od::value next;
    if (const auto failed = element.get(next)) return failed;
    if (const auto failed = check_rest(next, levels - 1)) return failed;
  }
  return simdjson::SUCCESS;
}

inline error_code check_object(od::value& value, int levels) {
  od::object object;
  if (const auto failed = value.get_object().get(object)) return failed;
  for (auto member : object) {
    std::string_view key;
    od::value next;
    if (const auto failed = member.unescaped_key().get(key)) return failed;
    if (const auto failed = member.value().get(next)) return failed;
    if (const auto failed = check_rest(next, levels - 1)) return failed;
  }
  return simdjson::SUCCESS;
}

inline error_code check_rest(od::value value, int levels) {
  if (levels == 0) return simdjson::DEPTH_ERROR;
  auto type = od::json_type::null;
  if (const auto failed = value.type().get(type)) return failed;
  switch (type) {
    case od::json_type::array:
      return check_array(value, levels);
    case od::json_type::object:
      return check_object(value, levels);
    case od::json_type::number:
      return value.get_double().error();
    case od::json_type::string:
      return value.get_string().error();
    case od::json_type::boolean:
      return value.get_bool().error();
    case od::json_type::null: {
      bool null = false;
      const auto failed = value.is_null().get(null);
      return failed || !null ? simdjson::N_ATOM_ERROR : simdjson::SUCCESS;
    }
  }
  return simdjson::TAPE_ERROR;
}

/// Almost no key has an escape in it: it is taken where it stands, which spares a copy.
inline error_code key_of(od::field& member, std::string_view& key) {
  const char* const begin = member.key().raw();
  const char* end = begin;
  while (*end != '"' && *end != '\\') ++end;  // simdjson has seen that the text ends
  if (*end == '\\') return member.unescaped_key().get(key);
  key = {begin, static_cast<std::size_t>(end - begin)};
  return simdjson::SUCCESS;
}

}  // namespace sosie::json
