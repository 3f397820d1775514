#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include <re2/re2.h>

#include "base/text.h"
#include "twin/jexl/transforms.h"
#include "twin/model/json_text.h"
#include "twin/model/parse.h"

namespace sosie::ngsi::jexl {

namespace {

/// A letter of a text counts once, however many bytes it has in UTF-8.
bool begins_letter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

std::size_t letters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_letter));
}

/// Where letter `n` begins; the end if there are no more than `n`.
std::size_t byte_of(std::string_view text, std::size_t n) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (begins_letter(text[at]) && n-- == 0) break;
  }
  return at;
}

template <class Change>
std::optional<Value> change_letters(const Call& call, Change change) {
  if (call.text(0) == nullptr) return std::nullopt;
  std::string changed(call.text(0)->view());
  for (char& c : changed) c = change(c);
  return changed;
}

std::optional<Value> uppercase(const Call& call) {
  return change_letters(
      call, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
}

std::optional<Value> lowercase(const Call& call) {
  return change_letters(
      call, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

std::optional<Value> split_text(const Call& call) {
  if (call.text(0) == nullptr || call.text(1) == nullptr) return std::nullopt;
  std::string_view rest = *call.text(0);
  const std::string_view separator = *call.text(1);
  if (separator.empty()) return std::nullopt;
  Array parts;
  for (std::size_t at = rest.find(separator); at != std::string_view::npos;
       at = rest.find(separator)) {
    parts.emplace_back(rest.substr(0, at));
    rest.remove_prefix(at + separator.size());
  }
  parts.emplace_back(rest);
  return parts;
}

std::optional<Value> index_of(const Call& call) {
  if (call.text(0) == nullptr || call.text(1) == nullptr) return std::nullopt;
  const std::string_view text = *call.text(0);
  const std::size_t at = text.find(call.text(1)->view());
  if (at == std::string_view::npos) return std::nullopt;
  return letters(text.substr(0, at));
}

std::optional<Value> length_of_text(const Call& call) {
  if (call.text(0) == nullptr) return std::nullopt;
  return letters(*call.text(0));
}

std::optional<Value> trim_text(const Call& call) {
  if (call.text(0) == nullptr) return std::nullopt;
  return trim(*call.text(0));
}

std::optional<std::size_t> position(const double* number) {
  if (number == nullptr || *number < 0 || *number != std::floor(*number) || *number > 1e9) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(*number);
}

std::optional<Value> substring(const Call& call) {
  const auto from = position(call.number(1));
  const auto to = position(call.number(2));
  if (call.text(0) == nullptr || !from || !to || *to < *from) return std::nullopt;
  const std::string_view text = *call.text(0);
  if (*to > letters(text)) return std::nullopt;
  const std::size_t start = byte_of(text, *from);
  return text.substr(start, byte_of(text, *to) - start);
}

std::optional<Value> includes(const Call& call) {
  if (call.text(0) == nullptr || call.text(1) == nullptr) return std::nullopt;
  return call.text(0)->view().find(call.text(1)->view()) != std::string_view::npos;
}

std::optional<Value> to_text(const Call& call) {
  return to_plain_text(call.input());
}

std::optional<Value> from_json(const Call& call) {
  if (call.text(0) == nullptr) return std::nullopt;
  auto parsed = parse_json(*call.text(0));
  if (!parsed) return std::nullopt;
  return std::move(parsed).value();
}

std::optional<Value> into_json(const Call& call) {
  return to_json(call.input());
}

std::optional<Value> replace_text(const Call& call) {
  if (call.text(0) == nullptr || call.text(1) == nullptr || call.text(2) == nullptr) {
    return std::nullopt;
  }
  std::string_view rest = *call.text(0);
  const std::string_view from = *call.text(1);
  const std::string_view to = *call.text(2);
  if (from.empty()) return std::nullopt;
  std::string out;
  for (std::size_t at = rest.find(from); at != std::string_view::npos; at = rest.find(from)) {
    out += rest.substr(0, at);
    out += to;
    rest.remove_prefix(at + from.size());
    if (out.size() > longest_result) return std::nullopt;
  }
  return out + std::string(rest);
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

/// The expression in operand 1; null if it is none.
std::unique_ptr<const re2::RE2> regex_of(const Call& call) {
  constexpr std::size_t longest = 1024;
  const Text* text = call.text(1);
  if (text == nullptr || text->size() > longest) return nullptr;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(256 << 10);
  auto regex = std::make_unique<const re2::RE2>(piece(*text), options);
  return regex->ok() ? std::move(regex) : nullptr;
}

/// Calls `visit` with each match, left to right; after an empty one the search goes on a byte
/// later.
template <class Visit>
void each_match(const re2::RE2& regex, std::string_view text, Visit visit) {
  re2::StringPiece match;
  std::size_t start = 0;
  while (start <= text.size() &&
         regex.Match(piece(text), start, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
    const auto at = static_cast<std::size_t>(match.data() - text.data());
    if (!visit(at, match.size())) return;
    start = at + std::max<std::size_t>(match.size(), 1);
  }
}

std::optional<Value> replace_regex(const Call& call) {
  const auto regex = regex_of(call);
  if (regex == nullptr || call.text(0) == nullptr || call.text(2) == nullptr) return std::nullopt;
  const std::string_view text = *call.text(0);
  const std::string_view to = *call.text(2);
  std::string out;
  std::size_t copied = 0;
  each_match(*regex, text, [&](std::size_t at, std::size_t size) {
    out += text.substr(copied, at - copied);
    out += to;
    copied = at + size;
    return out.size() <= longest_result;
  });
  if (out.size() > longest_result) return std::nullopt;
  return out + std::string(text.substr(copied));
}

std::optional<Value> match_regex(const Call& call) {
  const auto regex = regex_of(call);
  if (regex == nullptr || call.text(0) == nullptr) return std::nullopt;
  const std::string_view text = *call.text(0);
  Array matches;
  each_match(*regex, text, [&](std::size_t at, std::size_t size) {
    if (size > 0) matches.emplace_back(text.substr(at, size));
    return true;
  });
  return matches;
}

constexpr auto text_table = std::to_array<NamedTransform>({
    {"uppercase", uppercase},
    {"lowercase", lowercase},
    {"split", split_text},
    {"indexOf", index_of},
    {"len", length_of_text},
    {"trim", trim_text},
    {"substring", substring},
    {"includes", includes},
    {"toString", to_text},
    {"toJson", from_json},
    {"replaceStr", replace_text},
    {"replaceRegex", replace_regex},
    {"matchRegex", match_regex},
    // as the IoT Agents spell them
    {"touppercase", uppercase},
    {"tolowercase", lowercase},
    {"length", length_of_text},
    {"substr", substring},
    {"tostring", to_text},
    {"jsonparse", from_json},
    {"jsonstringify", into_json},
    {"replaceallstr", replace_text},
    {"replaceallregexp", replace_regex},
});

}  // namespace

std::span<const NamedTransform> text_transforms() {
  return text_table;
}

}  // namespace sosie::ngsi::jexl
