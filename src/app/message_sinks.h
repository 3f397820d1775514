#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "generating/generator.h"

namespace sosie::app {

/// Whether messages made by a scenario's template go to this address: "kafka://…", "mqtt://…",
/// "file:PATH" and "stdout" without a `?form=` (`file:….csv` has none), "http://…?form=message".
bool takes_messages(const std::string& address);

/// How messages come: one by one at their time, or as many as there is room for.
enum class Pace { by_the_clock, as_fast_as_possible };

/// Addresses and the environment's names are those of Destination. Opens what it needs. Errors: no
/// such address; not reachable.
Result<std::unique_ptr<generating::MessageSink>> make_message_sink(
    const std::string& address, Pace pace, const generating::MessageConfig& message);

}  // namespace sosie::app
