#include "twin/broker/keeper.h"

#include <array>

#include <fmt/format.h>

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

std::string past_key(const Measured& measured) {
  return fmt::format("{} {} {} {}", measured.tenant, measured.id, measured.type, measured.path);
}

}  // namespace sosie::ngsi
