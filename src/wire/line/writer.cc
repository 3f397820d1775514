#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "wire/line/line.h"

namespace sosie::line {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

/// `c` as it is written: never a control character.
char shown(char c) {
  return is_control(c) ? ' ' : c;
}

/// Appends a name or a tag's value, with a backslash before each of `escaped`.
void append_name(std::string& out, std::string_view text, std::string_view escaped) {
  const auto is_escaped = [&](std::size_t i) {
    return i == text.size() || escaped.find(shown(text[i])) != std::string_view::npos;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      const auto end = std::min(text.find_first_not_of('\\', i), text.size());
      out.append(end - i, is_escaped(end) ? '/' : '\\');
      i = end - 1;
      continue;
    }
    if (is_escaped(i)) out += '\\';
    out += shown(text[i]);
  }
}

void append_measurement(std::string& out, std::string_view name) {
  if (name.starts_with('#')) {
    out += '_';
    name.remove_prefix(1);
  }
  append_name(out, name, ", ");
}

struct AppendValue {
  std::string& out;

  void operator()(double value) const { fmt::format_to(std::back_inserter(out), "{}", value); }
  void operator()(std::int64_t value) const {
    fmt::format_to(std::back_inserter(out), "{}i", value);
  }
  void operator()(std::uint64_t value) const {
    fmt::format_to(std::back_inserter(out), "{}u", value);
  }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::string_view text) const {
    out += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
};

void append_time(std::string& out, Timestamp at, Precision precision) {
  const std::int64_t us = at.time_since_epoch().count();
  if (precision == Precision::ns) {
    fmt::format_to(std::back_inserter(out), " {}{}", us, us == 0 ? "" : "000");
    return;
  }
  constexpr std::array<std::int64_t, 6> units_us{1, 1, 1'000, 1'000'000, 60'000'000, 3'600'000'000};
  const auto unit = units_us.at(static_cast<std::size_t>(precision));
  const auto count = us / unit - (us % unit < 0 ? 1 : 0);
  fmt::format_to(std::back_inserter(out), " {}", count);
}

}  // namespace

void append(std::string& out, const Point& point, Precision precision) {
  append_measurement(out, point.measurement);
  for (const auto& [key, value] : point.tags) {
    if (value.empty()) continue;
    out += ',';
    append_name(out, key, ",= ");
    out += '=';
    append_name(out, value, ",= ");
  }
  char before = ' ';
  for (const auto& field : point.fields) {
    out += before;
    append_name(out, field.key, ",= ");
    out += '=';
    std::visit(AppendValue{out}, field.value);
    before = ',';
  }
  if (point.time) append_time(out, *point.time, precision);
  out += '\n';
}

}  // namespace sosie::line
