#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace sosie::json {

/// Writes JSON from left to right; commas come by themselves.
///
///     Writer out;
///     out.begin_object();
///     out.member("id", 7);
///     out.key("t");
///     out.begin_array();
///     out.value(1.5);
///     out.end_array();
///     out.end_object();
///
/// Numbers are the shortest text that reads back as the same number; NaN and infinity, which JSON
/// lacks, are null. REQUIRES: what is begun is ended, and an object's values follow a key.
class Writer {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  void key(std::string_view name) {
    string(name);
    text_ += ':';
    needs_comma_ = false;
  }

  template <std::convertible_to<std::string_view> Text>
  void value(const Text& text) {
    string(text);
    needs_comma_ = true;
  }
  void value(std::nullptr_t) { bare("null"); }
  void value(std::same_as<bool> auto flag) { bare(flag ? "true" : "false"); }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  void value(Number number) {
    digits(number);
  }
  template <std::floating_point Number>
  void value(Number number) {
    if (std::isfinite(number)) {
      digits(number);
    } else {
      bare("null");
    }
  }
  /// None is null.
  template <class T>
  void value(const std::optional<T>& maybe) {
    if (maybe) {
      value(*maybe);
    } else {
      bare("null");
    }
  }

  template <class T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }

  /// JSON that is ready already, as a value.
  void raw(std::string_view json) { bare(json); }

  const std::string& text() const { return text_; }
  std::string take() { return std::exchange(text_, {}); }

 private:
  void comma() {
    if (needs_comma_) text_ += ',';
  }
  void open(char bracket) {
    comma();
    text_ += bracket;
    needs_comma_ = false;
  }
  void close(char bracket) {
    text_ += bracket;
    needs_comma_ = true;
  }
  void bare(std::string_view token) {
    comma();
    text_ += token;
    needs_comma_ = true;
  }
  template <class Number>
  void digits(Number number) {
    std::array<char, 32> room;  // NOLINT(cppcoreguidelines-pro-type-member-init): to_chars fills it
    const auto done = std::to_chars(room.data(), room.data() + room.size(), number);
    bare({room.data(), done.ptr});
  }
  void string(std::string_view text) {
    comma();
    text_ += '"';
    if (is_plain(text)) {
      text_ += text;
    } else {
      text_ += json_escaped(text);
    }
    text_ += '"';
  }
  static bool is_plain(std::string_view text) {
    for (const char c : text) {  // above 0x7E: maybe not UTF-8, which json_escaped finds out
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || byte > 0x7E || c == '"' || c == '\\') return false;
    }
    return true;
  }

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace sosie::json
