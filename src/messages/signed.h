#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "core/section.h"
#include "messages/mapping.h"
#include "wire/jws/jws.h"

namespace sosie::messages {

/// The table `signed` of a source: `key_env` or `key_file` for one key of all senders, `keys` for a
/// file of a key for each. None: its messages need no signature. Errors: neither or both, a key
/// that is too short.
Result<std::optional<jws::Verifier>> read_signed(Section& section);

/// Reads what was signed as `inner` does; refuses what was not.
std::unique_ptr<Mapping> make_signed_mapping(jws::Verifier verifier,
                                             std::unique_ptr<Mapping> inner);

}  // namespace sosie::messages
