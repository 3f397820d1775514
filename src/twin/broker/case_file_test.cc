#include "twin/broker/case_file.h"

#include <algorithm>
#include <cctype>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "twin/model/parse.h"
#include "twin/model/render.h"

namespace sosie::ngsi {
namespace {

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// First line, headers, body.
struct Message {
  std::string first;
  Headers headers;
  std::string body;
};

Message read_message(std::string_view text) {
  Message message;
  while (message.first.empty() && !text.empty()) {
    const auto line = trim(next_line(text));
    if (!line.starts_with('#')) message.first = line;
  }
  while (!text.empty()) {
    const auto line = trim(next_line(text));
    if (line.empty()) break;
    const auto colon = line.find(':');
    message.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
  }
  message.body = trim(text);
  return message;
}

bool is_hex(std::string_view text, std::size_t size) {
  return text.size() == size &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool is_kind(std::string_view kind, std::string_view text) {
  if (kind == "any") return true;
  if (kind == "id") return is_hex(text, 24);
  if (kind == "date") return text.size() == 24 && text[10] == 'T' && text.ends_with('Z');
  if (kind == "uuid") return text.size() == 36 && text[8] == '-' && text[23] == '-';
  if (kind == "number") return to_number(text).has_value();
  return false;
}

/// Texts of a placeholder's kind that begin `text`, the longest first.
std::vector<std::string_view> candidates(std::string_view kind, std::string_view text) {
  std::vector<std::string_view> found;
  for (std::size_t size = text.size() + 1; size-- > 0;) {
    if (is_kind(kind, text.substr(0, size))) found.push_back(text.substr(0, size));
  }
  return found;
}

std::string differ(const std::string& where, std::string_view expected, std::string_view actual) {
  return fmt::format("{}: expected {} but got {}", where, expected, actual);
}

std::string compare(const std::string& where, const Value& expected, const Value& actual,
                    Caught& caught);

std::string compare_objects(const std::string& where, const Object& expected, const Object& actual,
                            Caught& caught) {
  for (const auto& [key, value] : expected) {
    const Value* other = find(actual, key);
    if (other == nullptr) return fmt::format("{}: '{}' is missing", where, key.view());
    auto found = compare(fmt::format("{}.{}", where, key.view()), value, *other, caught);
    if (!found.empty()) return found;
  }
  for (const auto& [key, value] : actual) {
    if (find(expected, key) == nullptr) {
      return fmt::format("{}: '{}' should not be there", where, key.view());
    }
  }
  return {};
}

std::string compare_arrays(const std::string& where, const Array& expected, const Array& actual,
                           Caught& caught) {
  if (expected.size() != actual.size()) {
    return differ(where, fmt::format("{} items", expected.size()),
                  fmt::format("{}", actual.size()));
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    auto found = compare(fmt::format("{}[{}]", where, i), expected[i], actual[i], caught);
    if (!found.empty()) return found;
  }
  return {};
}

std::string compare(const std::string& where, const Value& expected, const Value& actual,
                    Caught& caught) {
  if (expected.object() != nullptr && actual.object() != nullptr) {
    return compare_objects(where, *expected.object(), *actual.object(), caught);
  }
  if (expected.array() != nullptr && actual.array() != nullptr) {
    return compare_arrays(where, *expected.array(), *actual.array(), caught);
  }
  if (const auto* text = expected.text()) {
    const std::string got =
        actual.text() != nullptr ? std::string(*actual.text()) : to_json(actual);
    const bool is_free = text->view().find('<') != std::string_view::npos;
    if ((actual.text() != nullptr || is_free) && agree(*text, got, caught)) return {};
  } else if (expected == actual) {
    return {};
  }
  return differ(where, to_json(expected), to_json(actual));
}

}  // namespace

Result<Case> read_case(std::string_view text) {
  Case whole;
  CaseStep step;
  int line = 0;
  int first_line = 1;
  bool is_answer = false;
  std::string part;
  const auto end_part = [&] {
    Message message = read_message(part);
    part.clear();
    if (!is_answer) {
      step = {.line = first_line,
              .first = std::move(message.first),
              .headers = std::move(message.headers),
              .body = std::move(message.body)};
      return;
    }
    step.expected = std::move(message.first);
    step.expected_headers = std::move(message.headers);
    if (!message.body.empty()) step.expected_body = std::move(message.body);
  };
  const auto end_step = [&] {
    end_part();
    if (!step.first.empty()) whole.steps.push_back(std::move(step));
    step = {};
    is_answer = false;
    first_line = line + 1;
  };
  while (!text.empty()) {
    const auto one = next_line(text);
    ++line;
    if (one.starts_with("options:")) {
      for (const auto word : split(trim(one.substr(8)), ' ')) whole.options.emplace_back(word);
    } else if (one == "----") {
      end_part();
      is_answer = true;
    } else if (one == "====") {
      end_step();
    } else {
      part += one;
      part += '\n';
    }
  }
  end_step();
  if (whole.steps.empty()) return Error{Errc::invalid, "a case without a step"};
  return whole;
}

std::string filled(std::string_view text, const Caught& caught) {
  std::string out(text);
  for (const auto& [name, value] : caught) {
    const auto mark = fmt::format("<{}>", name);
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at)) {
      out.replace(at, mark.size(), value);
      at += value.size();
    }
  }
  return out;
}

bool agree(std::string_view expected, std::string_view actual, Caught& caught) {
  const auto open = expected.find('<');
  const auto close = expected.find('>', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) return expected == actual;
  if (actual.substr(0, open) != expected.substr(0, open)) return false;
  const auto mark = expected.substr(open + 1, close - open - 1);
  const auto rest = expected.substr(close + 1);
  const auto tail = actual.substr(open);
  if (const auto known = caught.find(mark); known != caught.end()) {
    return tail.starts_with(known->second) &&
           agree(rest, tail.substr(known->second.size()), caught);
  }
  const auto colon = mark.find(':');
  const auto kind = colon == std::string_view::npos ? mark : mark.substr(colon + 1);
  for (const auto candidate : candidates(kind, tail)) {
    if (!agree(rest, tail.substr(candidate.size()), caught)) continue;
    if (colon != std::string_view::npos) caught[std::string(mark.substr(0, colon))] = candidate;
    return true;
  }
  return false;
}

std::string difference(std::string_view expected, std::string_view actual, Caught& caught) {
  if (expected == "(empty)") return actual.empty() ? "" : differ("body", "nothing", actual);
  const auto wanted = parse_json(expected);
  const auto got = parse_json(actual);
  if (wanted && got) return compare("body", *wanted, *got, caught);
  return agree(expected, actual, caught) ? "" : differ("body", expected, actual);
}

TEST_CASE("cases: placeholders") {
  Caught caught;
  CHECK(agree("/v2/x/<sub:id>?a", "/v2/x/0123456789abcdef01234567?a", caught));
  CHECK(caught["sub"] == "0123456789abcdef01234567");
  CHECK(agree("<sub>", "0123456789abcdef01234567", caught));
  CHECK_FALSE(agree("<sub>", "0123456789abcdef01234568", caught));
  CHECK(difference(R"({"a":"<number>","b":[1]})", R"({"b":[1],"a":3})", caught).empty());
  CHECK_FALSE(difference(R"({"a":1})", R"({"a":"1"})", caught).empty());
  CHECK_FALSE(difference(R"({"a":"1"})", R"({"a":1})", caught).empty());
  CHECK_FALSE(difference(R"([1])", R"([1,2])", caught).empty());
}

}  // namespace sosie::ngsi
