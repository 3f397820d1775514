#include "twin/model/json_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace sosie::ngsi {

namespace {

constexpr int decimals = 9;             ///< as Orion prints; what is below is cut
constexpr double whole_limit = 0x1p63;  ///< from here on numbers are printed with 17 digits

template <class... How>
void digits(std::string& out, double number, How... how) {
  std::array<char, 64> room;  // NOLINT(cppcoreguidelines-pro-type-member-init): to_chars fills it
  const auto done = std::to_chars(room.data(), room.data() + room.size(), number, how...);
  out.append(room.data(), done.ptr);
}

bool is_plain(std::string_view text) {
  for (const char c : text) {  // above 0x7E: maybe not UTF-8, which json_escaped finds out
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7E || c == '"' || c == '\\') return false;
  }
  return true;
}

std::string_view html_entity(char c) {
  switch (c) {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '(':
      return "&#40;";
    case ')':
      return "&#41;";
    case '=':
      return "&#61;";
    case ';':
      return "&#59;";
    default:
      return {};
  }
}

}  // namespace

void render_number(double number, std::string& out) {
  if (!std::isfinite(number)) {
    out += "null";  // JSON has no other word for it
  } else if (std::abs(number) >= whole_limit) {
    digits(out, number, std::chars_format::general, 17);
  } else if (number == std::trunc(number)) {
    render_integer(static_cast<std::int64_t>(number), out);
  } else {
    const std::size_t start = out.size();
    digits(out, number, std::chars_format::fixed, decimals);
    out.resize(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    if (out.compare(start, std::string::npos, "-0") == 0) out.erase(start, 1);
  }
}

void render_integer(std::int64_t number, std::string& out) {
  std::array<char, 24> room;  // NOLINT(cppcoreguidelines-pro-type-member-init): to_chars fills it
  const auto done = std::to_chars(room.data(), room.data() + room.size(), number);
  out.append(room.data(), done.ptr);
}

void render_text(std::string_view text, std::string& out) {
  out += '"';
  if (is_plain(text)) {
    out += text;
  } else {
    out += json_escaped(text);
  }
  out += '"';
}

void render_value(const Value& value, std::string& out) {
  if (const double* number = value.number()) {
    render_number(*number, out);
  } else if (const Text* text = value.text()) {
    render_text(*text, out);
  } else if (const bool* flag = value.flag()) {
    out += *flag ? "true" : "false";
  } else if (const Array* items = value.array()) {
    out += '[';
    for (const Value& item : *items) {
      if (&item != items->data()) out += ',';
      render_value(item, out);
    }
    out += ']';
  } else if (const Object* members = value.object()) {
    out += '{';
    for (const Member& member : *members) {
      if (&member != members->data()) out += ',';
      render_text(member.key, out);
      out += ':';
      render_value(member.value, out);
    }
    out += '}';
  } else {
    out += "null";
  }
}

std::string to_json(const Value& value) {
  std::string out;
  render_value(value, out);
  return out;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const std::string_view entity = html_entity(c);
    if (entity.empty()) {
      out += c;
    } else {
      out += entity;
    }
  }
  return out;
}

std::string render_error(const NgsiError& error) {
  std::string out = R"({"error":)";
  render_text(error.error, out);
  out += R"(,"description":)";
  render_text(html_escaped(error.description), out);
  out += '}';
  return out;
}

}  // namespace sosie::ngsi
