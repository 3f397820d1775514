#include "twin/broker/exact_json.h"

#include <array>
#include <charconv>

#include "twin/model/render.h"

namespace sosie::ngsi {
namespace {

/// As few digits as bring back the same number.
void write_number(double number, std::string& out) {
  std::array<char, 32> room;  // NOLINT(cppcoreguidelines-pro-type-member-init): to_chars fills it
  const auto done = std::to_chars(room.data(), room.data() + room.size(), number);
  out.append(room.data(), done.ptr);
}

void write_object(const Object& object, std::string& out) {
  char before = '{';
  for (const auto& [key, value] : object) {
    out += before;
    render_text(key, out);
    out += ':';
    write_exact(value, out);
    before = ',';
  }
  out += object.empty() ? "{}" : "}";
}

void write_array(const Array& array, std::string& out) {
  char before = '[';
  for (const auto& value : array) {
    out += before;
    write_exact(value, out);
    before = ',';
  }
  out += array.empty() ? "[]" : "]";
}

}  // namespace

void write_exact(const Value& value, std::string& out) {
  if (const auto* number = value.number()) {
    write_number(*number, out);
  } else if (const auto* text = value.text()) {
    render_text(*text, out);
  } else if (const auto* flag = value.flag()) {
    out += *flag ? "true" : "false";
  } else if (const auto* object = value.object()) {
    write_object(*object, out);
  } else if (const auto* array = value.array()) {
    write_array(*array, out);
  } else {
    out += "null";
  }
}

}  // namespace sosie::ngsi
