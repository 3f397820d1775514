#pragma once

#include <string_view>

namespace sosie {

/// Whether a host, with or without its port, is this machine whatever a name server says:
/// "localhost", "127.0.0.1:1883", "[::1]:80", "::1".
bool is_this_machine(std::string_view host);

}  // namespace sosie
