#include "twin/broker/subscription.h"

#include <algorithm>
#include <array>

namespace sosie::ngsi {
namespace {

constexpr std::array<std::string_view, 4> alteration_words{"entityCreate", "entityChange",
                                                           "entityUpdate", "entityDelete"};

}  // namespace

std::string_view to_text(Alteration alteration) {
  return alteration_words[static_cast<std::size_t>(alteration)];
}

std::optional<Alteration> alteration_of(std::string_view word) {
  const auto* found = std::ranges::find(alteration_words, word);
  if (found == alteration_words.end()) return std::nullopt;
  return static_cast<Alteration>(found - alteration_words.begin());
}

bool Condition::wants(Alteration alteration) const {
  if (alterations.empty()) {
    return alteration == Alteration::create || alteration == Alteration::change;
  }
  const auto has = [&](Alteration one) {
    return std::ranges::find(alterations, one) != alterations.end();
  };
  return has(alteration) || (alteration == Alteration::change && has(Alteration::update));
}

bool Subscription::is_live(Timestamp now) const {
  return !state.is_over && plan.status != SubscriptionStatus::inactive &&
         (!plan.expires || *plan.expires > now);
}

std::string_view Subscription::status_text(Timestamp now) const {
  if (plan.expires && *plan.expires <= now) return "expired";
  if (state.is_over || plan.status == SubscriptionStatus::inactive) return "inactive";
  return plan.status == SubscriptionStatus::oneshot ? "oneshot" : "active";
}

}  // namespace sosie::ngsi
