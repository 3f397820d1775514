#include "wire/jws/jws.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/text.h"
#include "wire/json/value.h"

namespace sosie::jws {
namespace {

constexpr std::size_t mac_bytes = 32;
constexpr std::size_t most_headers = 100'000;  ///< that are remembered
constexpr std::size_t shown_bytes = 40;
using Mac = std::array<unsigned char, mac_bytes>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT: chars are bytes
}

Mac mac_of(std::string_view signed_text, std::string_view key) {
  Mac mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(signed_text),
       signed_text.size(), mac.data(), &size);
  return mac;
}

/// Base64 with '-' and '_', and without '=' at the end (RFC 7515, 2). Takes `to`'s memory.
bool decode(std::string_view text, std::string& to) {
  constexpr std::size_t group = 4;
  if (text.size() % group == 1) return false;
  std::string usual(text);
  for (char& c : usual) {
    if (c == '+' || c == '/' || c == '=') return false;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  const auto filling = (group - text.size() % group) % group;
  usual.append(filling, '=');
  to.resize(usual.size() / group * 3);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(to.data()),  // NOLINT: bytes
                                   bytes_of(usual), static_cast<int>(usual.size()));
  if (size < 0) return false;
  to.resize(static_cast<std::size_t>(size) - filling);
  return true;
}

std::string encode(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),  // NOLINT: bytes
                                   bytes_of(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

Error not_signed(std::string_view token) {
  return {Errc::invalid,
          fmt::format("read '{}', which is not signed; expected header.payload.signature (JWS)",
                      token.substr(0, shown_bytes))};
}

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  ///< the first two
};

std::optional<Parts> parts_of(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return Parts{.header = token.substr(0, first),
               .payload = token.substr(first + 1, second - first - 1),
               .signature = token.substr(second + 1),
               .signed_text = token.substr(0, second)};
}

}  // namespace

Verifier::Verifier(std::map<std::string, std::string, std::less<>> keys) : keys_(std::move(keys)) {}

Result<Verifier::Sender> Verifier::sender_of(std::string_view header) const {
  std::string text;
  if (!decode(header, text)) return Error{Errc::invalid, "the signature's header is no base64url"};
  const auto parsed = json::parse(text);
  if (!parsed || (*parsed).object() == nullptr) {
    return Error{Errc::invalid, "the signature's header is no JSON object"};
  }
  const auto text_at = [&](std::string_view key) -> std::string {
    const auto* const found = (*parsed).find(key);
    return found == nullptr || found->text() == nullptr ? "" : *found->text();
  };
  if (text_at("alg") != "HS256") {
    return Error{Errc::invalid, fmt::format("is signed by '{}'; expected HS256", text_at("alg"))};
  }
  for (const std::string_view must : {"crit", "b64"}) {
    if ((*parsed).find(must) == nullptr) continue;
    return Error{Errc::unsupported,
                 fmt::format("the signature's header has '{}', which is not known here", must)};
  }
  const auto name = text_at("kid");
  const auto key = keys_.find(name);
  if (key == keys_.end()) {
    return Error{Errc::invalid, name.empty()
                                    ? std::string("the signature does not say whose key it is "
                                                  "('kid'), and there is a key for each sender")
                                    : fmt::format("is signed by '{}', whose key is not known here",
                                                  name.substr(0, shown_bytes))};
  }
  return Sender{.key = &key->second, .place = text_at("for")};
}

Result<std::string_view> Verifier::open(std::string_view token) {
  const auto bare = trim(token);
  const auto parts = parts_of(bare);
  if (!parts) return not_signed(bare);
  const auto known = known_.find(parts->header);
  std::optional<Sender> stranger;
  if (known == known_.end()) stranger = TRY(sender_of(parts->header));
  const Sender& sender = stranger ? *stranger : known->second;
  const Mac mac = mac_of(parts->signed_text, *sender.key);
  const bool is_right = decode(parts->signature, payload_) && payload_.size() == mac.size() &&
                        CRYPTO_memcmp(payload_.data(), mac.data(), mac.size()) == 0;
  if (!is_right) {
    return Error{Errc::invalid,
                 "the signature does not fit: it was changed on its way, or signed "
                 "by another key"};
  }
  if (!decode(parts->payload, payload_)) {
    return Error{Errc::invalid, "what was signed is no base64url"};
  }
  place_ = sender.place;
  // Only now: what anybody makes up would fill it.
  if (stranger && known_.size() < most_headers) {
    known_.emplace(parts->header, std::move(*stranger));
  }
  return payload_;
}

std::string sign(std::string_view payload, std::string_view key, std::string_view name,
                 std::string_view place) {
  std::string header = R"({"alg":"HS256")";
  if (!name.empty()) header += fmt::format(R"(,"kid":"{}")", json_escaped(name));
  if (!place.empty()) header += fmt::format(R"(,"for":"{}")", json_escaped(place));
  header += '}';
  auto token = encode(header) + "." + encode(payload);
  const Mac mac = mac_of(token, key);
  token += '.';
  token += encode({reinterpret_cast<const char*>(mac.data()), mac.size()});  // NOLINT: bytes
  return token;
}

}  // namespace sosie::jws
