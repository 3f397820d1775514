#include "wire/json/document.h"

#include <fmt/format.h>

#include "wire/json/on_demand.h"

namespace sosie::json {

namespace dom = simdjson::dom;

struct Document::Parsed {
  dom::parser parser;
  dom::element root;

  std::optional<dom::element> member(std::string_view name) const {
    if (name.empty()) return root;
    dom::element found;
    if (root.at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
  }

  std::optional<dom::array> list(std::string_view name) const {
    const auto found = member(name);
    dom::array list;
    if (!found || found->get(list) != simdjson::SUCCESS) return std::nullopt;
    return list;
  }
};

Document::Document() : parsed_(std::make_unique<Parsed>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Result<Document> Document::parse(std::string_view text) {
  Document made;
  const auto failed = made.parsed_->parser.parse(text.data(), text.size()).get(made.parsed_->root);
  if (failed) {
    return Error{Errc::invalid, fmt::format("{} bytes are not JSON, or are cut: {}", text.size(),
                                            simdjson::error_message(failed))};
  }
  return made;
}

std::optional<std::vector<std::string>> Document::elements(std::string_view name) const {
  const auto list = parsed_->list(name);
  if (!list) return std::nullopt;
  std::vector<std::string> texts;
  texts.reserve(list->size());
  for (const auto element : *list) texts.push_back(simdjson::to_string(element));
  return texts;
}

std::optional<std::size_t> Document::count(std::string_view name) const {
  const auto list = parsed_->list(name);
  if (!list) return std::nullopt;
  std::size_t count = 0;  // its size() saturates at 2^24
  for ([[maybe_unused]] const auto element : *list) ++count;
  return count;
}

std::optional<double> Document::number(std::string_view name) const {
  const auto found = parsed_->member(name);
  double number = 0;
  if (!found || found->get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

std::optional<std::string> Document::text(std::string_view name) const {
  const auto found = parsed_->member(name);
  std::string_view text;
  if (!found || found->get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

}  // namespace sosie::json
