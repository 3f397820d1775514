#include "twin/broker/entities_vector.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/model/rules.h"
#include "twin/query/pattern.h"

namespace sosie::ngsi {
namespace {

constexpr std::size_t longest_field = 256;

/// The text at `key`; empty if there is none.
Checked<std::string> words_at(const Value& item, std::string_view key, std::string_view what) {
  const Value* member = item.find(key);
  if (member == nullptr) return std::string();
  if (member->text() == nullptr) return bad_request(fmt::format("{} is not a string", what));
  return std::string(member->text()->view());
}

/// An id or a type in full. `empty`: what is said of one without characters.
Checked<std::string> exact_at(const Value& item, std::string_view key, std::string_view what,
                              std::string_view empty) {
  auto text = TRY(words_at(item, key, what));
  if (item.find(key) == nullptr) return text;
  if (text.empty()) return bad_request(std::string(empty));
  if (text.size() > longest_field) {
    return bad_request(
        fmt::format("max {} length exceeded in /entities/ vector item /{}/", key, key));
  }
  if (!check_field(text, key)) {
    return bad_request(fmt::format("forbidden characters in /entities/ vector item /{}/", key));
  }
  return text;
}

Checked<std::string> pattern_at(const Value& item, std::string_view key) {
  const auto what = fmt::format("/entities/ vector item /{}/", key);
  auto text = TRY(words_at(item, key, what));
  if (item.find(key) == nullptr) return text;
  if (text.empty()) return bad_request(what + " is empty");
  if (!Pattern::create(text)) {
    return bad_request(fmt::format("Invalid regex for entity {}", key));
  }
  return text;
}

Checked<EntityWords> read_element(const Value& item) {
  if (item.object() == nullptr) return bad_request("/entities/ vector item is not an object");
  const bool has_id = item.find("id") != nullptr;
  const bool has_pattern = item.find("idPattern") != nullptr;
  if (!has_id && !has_pattern) {
    return bad_request("/entities/ vector item does not have /id/ nor /idPattern/");
  }
  if (has_id && has_pattern) {
    return bad_request("/entities/ vector item has both /id/ and /idPattern/");
  }
  if (item.find("type") != nullptr && item.find("typePattern") != nullptr) {
    return bad_request("/entities/ element has both /type/ and /typePattern/");
  }
  EntityWords words;
  words.id =
      TRY(exact_at(item, "id", "/entities/ vector item /id/", "/entities/ element id is empty"));
  words.id_pattern = TRY(pattern_at(item, "idPattern"));
  words.type = TRY(exact_at(item, "type", "/entities/ vector item type",
                            "entity type length: 0, min length supported: 1"));
  words.type_pattern = TRY(pattern_at(item, "typePattern"));
  return words;
}

}  // namespace

Checked<std::vector<EntityWords>> read_entities_vector(const Value& list) {
  if (list.array() == nullptr) return bad_request("/entities/ is not an array");
  std::vector<EntityWords> all;
  for (const auto& item : *list.array()) {
    auto words = TRY(read_element(item));
    if (std::ranges::find(all, words) == all.end()) all.push_back(std::move(words));
  }
  return all;
}

}  // namespace sosie::ngsi
