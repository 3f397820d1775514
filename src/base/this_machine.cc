#include "base/this_machine.h"

namespace sosie {

bool is_this_machine(std::string_view host) {
  const std::size_t colon = host.find(':');
  const bool is_v6 = host.starts_with('[') || host.find(':', colon + 1) != host.npos;
  if (is_v6 && colon != host.npos) {
    return host == "::1" || host == "[::1]" || host.starts_with("[::1]:");
  }
  host = host.substr(0, colon);
  const bool is_number = host.find_first_not_of("0123456789.") == host.npos;
  return host == "localhost" || (is_number && host.starts_with("127."));
}

}  // namespace sosie
