#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace sosie::jws {

/// A key has at least as many bytes as the signature (RFC 7518, 3.2).
inline constexpr std::size_t least_key_bytes = 32;

/// Opens signed texts: JSON Web Signatures (RFC 7515) in their compact form,
/// `header.payload.signature`, by HMAC-SHA256 ("HS256").
///
/// What is read of the header is `alg`, which must be HS256, `kid`, whose key it is, and `for`, a
/// name of our own: for which place (a topic, a key) the text is meant, so that nobody can copy it
/// to another. A header
/// that has `crit` or `b64` is refused: it would have to be understood. A sender's header is read
/// once. Threads: one at a time.
class Verifier {
 public:
  /// REQUIRES: a key, none shorter than least_key_bytes. The one without a name ("") is for senders
  /// that give no `kid`.
  explicit Verifier(std::map<std::string, std::string, std::less<>> keys);

  /// What was signed. Valid until the next call. Errors (invalid): not signed, by a key that is not
  /// known here, or not what was signed.
  Result<std::string_view> open(std::string_view token);

  /// Of what was opened last: the place that it was signed for; empty: it does not say. Valid until
  /// the next call of `open`.
  std::string_view place() const { return place_; }

 private:
  struct Sender {
    const std::string* key = nullptr;
    std::string place;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  Result<Sender> sender_of(std::string_view header) const;

  std::map<std::string, std::string, std::less<>> keys_;
  std::unordered_map<std::string, Sender, Hash, std::equal_to<>> known_;  ///< headers
  std::string payload_;
  std::string place_;
};

/// `payload`, signed; `name` becomes `kid` and `place` becomes `for`, unless they are empty.
std::string sign(std::string_view payload, std::string_view key, std::string_view name = {},
                 std::string_view place = {});

}  // namespace sosie::jws
