#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "twin/broker/notification.h"

namespace sosie::delivery {

/// A notification as the outbox keeps it: a format byte, then the fields; texts with their length
/// before them (u32), numbers as 8 bytes, little end first. Without the password of MQTT, which
/// only the subscription's document holds.
std::string to_bytes(const ngsi::Notification& notification);

/// Errors: corrupt (cut, changed), unsupported (another format).
Result<ngsi::Notification> from_bytes(std::string_view bytes);

}  // namespace sosie::delivery
