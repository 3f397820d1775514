#pragma once

#include <string>

#include "base/result.h"
#include "wire/mqtt/wait.h"

namespace sosie::mqtt {

/// Whether a TCP connection to host:port can be had; it is closed at once. libmosquitto's own
/// connecting blocks for minutes on an address that does not answer, and no stop request ends it.
/// Errors: not_found (no such name), unavailable ("Connection refused"), timeout.
Result<void> reach(const std::string& host, int port, const SocketWait& wait);

}  // namespace sosie::mqtt
