#include "twin/broker/parameters.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {
namespace {

constexpr std::size_t max_limit = 1000;

/// Expressions need the characters that are forbidden elsewhere.
constexpr std::array<std::string_view, 8> free_text{"q",       "mq",        "georel",      "coords",
                                                    "options", "idPattern", "typePattern", "at"};

Checked<void> check(const Parameter& parameter) {
  if (parameter.value.empty()) {
    return bad_request(fmt::format("Empty right-hand-side for URI param /{}/", parameter.name));
  }
  const bool is_free = std::ranges::find(free_text, parameter.name) != free_text.end();
  if (!is_free && (has_forbidden(std::string_view(parameter.value)) ||
                   has_forbidden(std::string_view(parameter.name)))) {
    return bad_request("invalid character in URI parameter");
  }
  return {};
}

std::optional<std::size_t> decimal(std::string_view text) {
  const auto number = to_integer(text);
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

Checked<std::size_t> paging(std::string_view what, std::string_view text) {
  const auto number = decimal(text);
  if (!number) {
    return bad_request(
        fmt::format("Bad pagination {}: /{}/ [must be a decimal number]", what, text));
  }
  if (what == "limit" && *number > max_limit) {
    return bad_request(fmt::format("Bad pagination limit: /{}/ [max: {}]", text, max_limit));
  }
  return *number;
}

}  // namespace

Checked<Parameters> Parameters::parse(std::string_view query) {
  Parameters all;
  all.parameters_ = split_query(query);
  for (const auto& parameter : all.parameters_) {
    TRY(check(parameter));
  }
  if (const auto text = all.find("limit")) {
    all.page_.limit = TRY(paging("limit", *text));
  }
  if (const auto text = all.find("offset")) {
    all.page_.offset = TRY(paging("offset", *text));
  }
  if (const auto text = all.find("options")) {
    all.options_ = TRY(RequestOptions::parse(*text));
  }
  return all;
}

std::optional<std::string_view> Parameters::find(std::string_view name) const {
  const auto found = std::find_if(parameters_.rbegin(), parameters_.rend(),
                                  [&](const auto& p) { return p.name == name; });
  if (found == parameters_.rend()) return std::nullopt;
  return found->value;
}

std::vector<std::string> Parameters::list(std::string_view name) const {
  std::vector<std::string> items;
  if (const auto value = find(name)) {
    for (const auto item : split(*value, ',')) items.emplace_back(item);
  }
  return items;
}

}  // namespace sosie::ngsi
