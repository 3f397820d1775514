#include "twin/broker/keeper.h"

#include <array>

#include <fmt/format.h>

#include "twin/broker/entity_document.h"

namespace sosie::ngsi {
namespace {

constexpr std::array<std::string_view, 4> words{"entity", "subscription", "subscription_state",
                                                "registration"};

}  // namespace

std::string_view to_text(DocumentKind kind) {
  return words[static_cast<std::size_t>(kind)];
}

std::optional<DocumentKind> document_kind(std::string_view text) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == text) return static_cast<DocumentKind>(i);
  }
  return std::nullopt;
}

EarlierState earlier_state(const Measured& measured) {
  return {.key = document_key({measured.tenant, measured.id, measured.type, measured.path}),
          .until = measured.at,
          .body = fmt::format(R"({{"attrs":[{}]}})", attribute_document(*measured.before))};
}

}  // namespace sosie::ngsi
