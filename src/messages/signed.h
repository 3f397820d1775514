#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "core/section.h"
#include "messages/mapping.h"
#include "wire/jws/jws.h"

namespace sosie::messages {

/// What must be true of messages that are signed.
struct Signed {
  jws::Verifier verifier;
  bool is_bound = true;  ///< and meant for the place at which they come

  /// What was signed, for `place`, which is a `what` ("topic"). Errors: also that it was signed for
  /// another place, or for none.
  Result<std::string_view> open(std::string_view token, std::string_view what,
                                std::string_view place);
};

/// The table `signed` of a source: `key_env` or `key_file` for one key of all senders, `keys` for a
/// file of a key for each, and `bound`. None: its messages need no signature. Errors: neither or
/// both, a key that is too short.
Result<std::optional<Signed>> read_signed(Section& section);

/// Reads what was signed as `inner` does; refuses what was not. A message's place is its key.
std::unique_ptr<Mapping> make_signed_mapping(Signed opener, std::unique_ptr<Mapping> inner);

}  // namespace sosie::messages
