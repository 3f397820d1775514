#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "twin/broker/keeper.h"
#include "twin/broker/subscription.h"

namespace sosie::ngsi {

/// What a subscription was made of.
///
///     {"number":3,"scope":"/#","definition":"{…}"}
Document subscription_document(std::string_view tenant, const Subscription& subscription);

/// Its counters and times.
Document state_document(std::string_view tenant, const Subscription& subscription);

/// None if the body is no such document, or no subscription any more.
std::optional<Subscription> read_subscription_document(std::string_view id, std::string_view body,
                                                       bool allows_custom);
std::optional<SubscriptionState> read_state_document(std::string_view body);

}  // namespace sosie::ngsi
