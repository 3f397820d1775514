#include "alerts/parts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "base/text.h"
#include "base/time_text.h"
#include "wire/json/writer.h"

namespace sosie::alerts {
namespace {

void write(json::Writer& out, const json::Value& value);

struct WriteValue {
  json::Writer& out;

  void operator()(const json::Value::List& list) const {
    out.begin_array();
    for (const auto& element : list) write(out, element);
    out.end_array();
  }
  void operator()(const json::Value::Object& object) const {
    out.begin_object();
    for (const auto& member : object) {
      out.key(member.key);
      write(out, member.value);
    }
    out.end_object();
  }
  template <class Simple>
  void operator()(const Simple& simple) const {
    out.value(simple);
  }
};

void write(json::Writer& out, const json::Value& value) {
  std::visit(WriteValue{out}, value.value);
}

}  // namespace

std::string tidy(std::string_view text, std::size_t bytes) {
  constexpr std::string_view mark = "…";
  const auto whole = trim(text);
  auto end = whole.size();
  if (end > bytes) {
    end = bytes - mark.size();
    while (end > 0 && (static_cast<unsigned char>(whole[end]) & 0xC0U) == 0x80U) --end;
  }
  std::string out(whole.substr(0, end));
  std::ranges::replace_if(out, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  if (end < whole.size()) out += mark;
  return out;
}

std::string to_json(const json::Value& value) {
  json::Writer out;
  write(out, value);
  return out.take();
}

std::string shown(const json::Value& value) {
  if (const auto* text = value.text()) return tidy(*text, longest_name);
  return tidy(to_json(value), longest_name);
}

std::string first_of(const json::Value& object, std::initializer_list<std::string_view> names) {
  const auto* const members = object.object();
  if (members == nullptr) return {};
  for (const auto name : names) {
    const auto found = std::ranges::find(*members, name, &json::Value::Member::key);
    if (found == members->end() || found->value.is_null()) continue;
    const auto* const text = found->value.text();
    auto words = text != nullptr ? tidy(*text, longest_text) : shown(found->value);
    if (!words.empty()) return words;
  }
  return {};
}

std::optional<Priority> priority_of(std::string_view word) {
  std::string lower(trim(word));
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  struct Known {
    std::string_view word;
    Priority priority;
  };
  static constexpr std::array known{Known{"critical", Priority::critical},
                                    Known{"fatal", Priority::critical},
                                    Known{"emergency", Priority::critical},
                                    Known{"alert", Priority::critical},
                                    Known{"page", Priority::critical},
                                    Known{"1", Priority::critical},
                                    Known{"high", Priority::high},
                                    Known{"error", Priority::high},
                                    Known{"major", Priority::high},
                                    Known{"severe", Priority::high},
                                    Known{"2", Priority::high},
                                    Known{"medium", Priority::medium},
                                    Known{"warning", Priority::medium},
                                    Known{"warn", Priority::medium},
                                    Known{"minor", Priority::medium},
                                    Known{"3", Priority::medium},
                                    Known{"low", Priority::low},
                                    Known{"info", Priority::low},
                                    Known{"informational", Priority::low},
                                    Known{"notice", Priority::low},
                                    Known{"none", Priority::low},
                                    Known{"debug", Priority::low},
                                    Known{"4", Priority::low}};
  const auto* const found = std::ranges::find(known, lower, &Known::word);
  if (found == known.end()) return std::nullopt;
  return found->priority;
}

std::optional<Timestamp> time_of(const json::Value& value) {
  constexpr double too_large_for_seconds = 1e11;  // the year 5138
  constexpr double largest = 4e15;                // what microseconds hold, and more than enough
  if (const auto* text = value.text()) return from_iso8601(*text);
  const auto number = value.number();
  if (!number || *number <= 0 || *number > largest) return std::nullopt;
  const double ms = *number > too_large_for_seconds ? *number : *number * 1000;
  if (ms > largest) return std::nullopt;
  return Timestamp(Duration(std::llround(ms * 1000)));
}

}  // namespace sosie::alerts
