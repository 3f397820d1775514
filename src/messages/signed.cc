#include "messages/signed.h"

#include <fmt/format.h>

namespace sosie::messages {
namespace {

using Keys = std::map<std::string, std::string, std::less<>>;

Result<void> check(const Section& section, std::string_view where, std::string_view key) {
  if (key.size() >= jws::least_key_bytes) return {};
  return section.wrong(where, fmt::format("is a key of {} bytes; expected {} at least (RFC 7518)",
                                          key.size(), jws::least_key_bytes));
}

/// name = "secret", a line each.
Result<Keys> read_keys(const std::string& path) {
  auto file = TRY(Section::read_file(path));
  Keys keys;
  for (const auto& name : file.keys()) {
    auto key = TRY(file.text(name));
    TRY(check(file, name, key));
    keys.emplace(name, std::move(key));
  }
  if (keys.empty()) {
    return Error{Errc::invalid, fmt::format("{}: has no key; expected name = \"secret\"", path)};
  }
  return keys;
}

class SignedMapping final : public Mapping {
 public:
  SignedMapping(Signed opener, std::unique_ptr<Mapping> inner)
      : opener_(std::move(opener)), inner_(std::move(inner)) {}

  Result<void> read(const Message& message, Names& names, std::vector<Reading>& out) override {
    if (!message.payload) return inner_->read(message, names, out);
    Message opened = message;
    opened.payload = TRY(opener_.open(*message.payload, "key", message.key.value_or("")));
    return inner_->read(opened, names, out);
  }

 private:
  Signed opener_;
  std::unique_ptr<Mapping> inner_;
};

}  // namespace

Result<std::string_view> Signed::open(std::string_view token, std::string_view what,
                                      std::string_view place) {
  const auto opened = TRY(verifier.open(token));
  if (!is_bound || verifier.place() == place) return opened;
  if (verifier.place().empty()) {
    return Error{Errc::invalid, fmt::format("the signature does not say for which {} it is ('for' "
                                            "in its header); expected '{}'",
                                            what, place)};
  }
  return Error{Errc::invalid, fmt::format("is signed for the {} '{}', and came with '{}'", what,
                                          verifier.place(), place)};
}

Result<std::optional<Signed>> read_signed(Section& section) {
  if (!section.has("signed")) return std::optional<Signed>();
  auto table = TRY(section.table("signed"));
  auto key = TRY(table.secret("key"));
  const auto file = TRY(table.path("keys", ""));
  if (key.empty() == file.empty()) {
    return section.wrong("signed",
                         "expected one of key_env, key_file (a key of all senders) and "
                         "keys (a file of names and keys)");
  }
  if (!key.empty() && key != Section::no_secret) {
    TRY(check(section, "signed", key));
  }
  const bool is_bound = TRY(table.flag("bound", true));
  TRY(table.finish());
  Keys keys;
  if (file.empty()) {
    keys.emplace("", std::move(key));
  } else {
    keys = TRY(read_keys(file));
  }
  return std::optional(Signed{.verifier = jws::Verifier(std::move(keys)), .is_bound = is_bound});
}

std::unique_ptr<Mapping> make_signed_mapping(Signed opener, std::unique_ptr<Mapping> inner) {
  return std::make_unique<SignedMapping>(std::move(opener), std::move(inner));
}

}  // namespace sosie::messages
