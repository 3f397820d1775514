#pragma once

#include <stop_token>

namespace sosie::app {

/// A token that is asked to stop by SIGINT and SIGTERM. Call once, before any thread is started:
/// the signals are blocked in all of them, and one thread waits for them. A second signal ends the
/// program at once.
std::stop_token stop_on_signals();

}  // namespace sosie::app
