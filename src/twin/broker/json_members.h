#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "twin/model/date.h"
#include "twin/model/render.h"

namespace sosie::ngsi {

/// Writes one JSON object, member after member; the brace closes at the end of its life.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  ~Members() { out_ += '}'; }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  std::string& key(std::string_view name) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    render_text(name, out_);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { render_text(value, key(name)); }
  void number(std::string_view name, std::int64_t value) { render_integer(value, key(name)); }
  void flag(std::string_view name, bool value) { key(name) += value ? "true" : "false"; }
  void value(std::string_view name, const Value& one) { render_value(one, key(name)); }

  /// In whole seconds, as Orion does: "2026-11-20T16:00:05.000Z".
  void time(std::string_view name, Timestamp at) {
    text(name, print_date(std::chrono::floor<std::chrono::seconds>(at)));
  }
  void time(std::string_view name, const std::optional<Timestamp>& at) {
    if (at) time(name, *at);
  }
  void texts(std::string_view name, const std::vector<Text>& list) {
    std::string& out = key(name);
    char before = '[';
    for (const auto& one : list) {
      out += before;
      render_text(one, out);
      before = ',';
    }
    out += list.empty() ? "[]" : "]";
  }

 private:
  std::string& out_;
  bool is_first_ = true;
};

}  // namespace sosie::ngsi
