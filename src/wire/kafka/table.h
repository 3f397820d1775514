#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/kafka/config.h"

namespace sosie::kafka {

/// A compacted topic is a table: of each key its last message.
///
/// Makes the topic, of one partition, if it is not there. Errors: it is not there and cannot be
/// made.
Result<void> make_table(const Config& config, const std::string& topic);

/// Gives every message up to the topic's end as it is now, in order for each key; none: the key is
/// deleted. Of a key that was written lately older messages may come too. Errors (unavailable): its
/// end was not reached within half a minute, or asked to stop.
Result<void> read_table(
    const Config& config, const std::string& topic, const std::stop_token& stop,
    const std::function<void(std::string_view key, std::optional<std::string_view> payload)>& take);

}  // namespace sosie::kafka
