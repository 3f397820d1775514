#include "core/in_clear.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/this_machine.h"

namespace sosie {

void warn_of_clear(const Section& section, std::string_view key, std::string_view secret,
                   std::string_view host, std::string_view better) {
  if (secret.empty() || secret == Section::no_secret || is_this_machine(host)) return;
  const auto said = section.wrong(
      key,
      fmt::format("without TLS: the secret goes to {} in clear, for whoever listens on the way; "
                  "expected {}",
                  host, better));
  log::warning("scenario", "{}", said.what);
}

}  // namespace sosie
