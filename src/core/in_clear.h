#pragma once

#include <string_view>

#include "core/section.h"

namespace sosie {

/// For makers, so that `sosie check` says it too: a warning in the log if `secret` would go to
/// `host` and nobody encrypts the way there. `key` is the one to be changed, and `better` to what:
/// "mqtts://". Not where the section is left out.
void warn_of_clear(const Section& section, std::string_view key, std::string_view secret,
                   std::string_view host, std::string_view better);

}  // namespace sosie
