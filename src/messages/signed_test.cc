#include "messages/signed.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "messages/intake_names.h"
#include "testing/memory_intake.h"

namespace sosie::messages {
namespace {

/// A scenario's folder, with a file of keys.
struct Folder {
  Folder() {
    std::filesystem::create_directories(path);
    std::ofstream(path + "/keys.toml")
        << "gateway-1 = '" << key_1 << "'\n\"truck 2\" = '" << key_2 << "'\n";
    std::ofstream(path + "/short.toml") << "gateway-1 = 'too short'\n";
    std::ofstream(path + "/none.toml") << "\n";
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  Result<std::unique_ptr<Mapping>> mapping(const std::string& toml) const {
    auto section = TRY(Section::read_text(toml, path + "/scenario.toml"));
    auto made = TRY(read_mapping(section));
    TRY(section.finish());
    return made;
  }

  const std::string path =
      (std::filesystem::temp_directory_path() / fmt::format("sosie-signed-{}", ::getpid()))
          .string();
  const std::string key_1 = std::string(32, '1');
  const std::string key_2 = std::string(32, '2');
};

TEST_CASE("messages that must be signed are taken if they are, and else refused") {
  const Folder folder;
  const auto mapping = folder.mapping("device = 'id'\n[signed]\nkeys = 'keys.toml'");
  REQUIRE(mapping);
  testing::MemoryIntake intake;
  intake.declares = true;
  IntakeNames names(intake);
  const auto read = [&](const std::string& payload) {
    Message message;
    message.payload = payload;
    message.at = Timestamp(std::chrono::hours(24 * 365 * 50));
    const auto done = (*mapping)->read(message, names, intake.readings);
    return done ? std::string("taken") : done.error().what;
  };
  constexpr auto body = R"({"id": "truck-7", "value": 81.5})";
  CHECK(read(jws::sign(body, folder.key_1, "gateway-1")) == "taken");
  CHECK(read(jws::sign(body, folder.key_2, "truck 2")) == "taken");
  CHECK(read(body).find("is not signed") != std::string::npos);
  CHECK(read(jws::sign(body, folder.key_1, "truck 2")).starts_with("the signature does not fit"));
  CHECK(read(jws::sign("{", folder.key_1, "gateway-1")).find("JSON") != std::string::npos);
  REQUIRE(intake.readings.size() == 2);
  CHECK(intake.readings[1].value == 81.5);
  Message tombstone;
  CHECK_FALSE((*mapping)->read(tombstone, names, intake.readings));
}

TEST_CASE("where a message's key names the device, it is signed for that key") {
  const Folder folder;
  testing::MemoryIntake intake;
  intake.declares = true;
  IntakeNames names(intake);
  const auto read = [&](const std::string& toml, const std::string& payload,
                        const std::string& before = "") {
    const auto mapping = folder.mapping(before + "[signed]\nkeys = 'keys.toml'\n" + toml);
    REQUIRE(mapping);
    Message message;
    message.key = "truck-7";
    message.payload = payload;
    message.at = Timestamp(std::chrono::hours(24 * 365 * 50));
    const auto done = (*mapping)->read(message, names, intake.readings);
    return done ? std::string("taken") : done.error().what;
  };
  constexpr auto body = R"({"value": 81.5})";
  const auto signed_for = [&](std::string_view place) {
    return jws::sign(body, folder.key_1, "gateway-1", place);
  };
  CHECK(read("", signed_for("truck-7")) == "taken");
  CHECK(read("", signed_for("truck-8")) ==
        "is signed for the key 'truck-8', and came with 'truck-7'");
  CHECK(read("", signed_for("")) ==
        "the signature does not say for which key it is ('for' in its header); expected 'truck-7'");
  // To name none is to leave it to the key.
  CHECK(read("", signed_for("truck-8"), "device = ''\n").starts_with("is signed for the key"));
  CHECK(read("bound = false", signed_for("")) == "taken");
  CHECK(read("bound = false", signed_for("truck-8")) == "taken");
}

TEST_CASE("one key for all senders comes from the environment") {
  const Folder folder;
  setenv("SOSIE_TEST_SIGNING_KEY", folder.key_1.c_str(), 1);
  CHECK(folder.mapping("[signed]\nkey_env = 'SOSIE_TEST_SIGNING_KEY'"));
  setenv("SOSIE_TEST_SIGNING_KEY", "short", 1);
  const auto made = folder.mapping("[signed]\nkey_env = 'SOSIE_TEST_SIGNING_KEY'");
  REQUIRE_FALSE(made);
  CHECK(made.error().what.find("is a key of 5 bytes; expected 32 at least") != std::string::npos);
}

TEST_CASE("a table of keys that says nothing, or too much, is an error") {
  const Folder folder;
  for (const auto* const toml :
       {"[signed]", "[signed]\nkeys = 'missing.toml'", "[signed]\nkeys = 'short.toml'",
        "[signed]\nkeys = 'none.toml'", "[signed]\nkey_env = 'SOSIE_NOT_SET'",
        "[signed]\nkeys = 'keys.toml'\nalgorithm = 'none'",
        "[signed]\nkeys = 'keys.toml'\nkey_file = 'keys.toml'"}) {
    CAPTURE(std::string(toml));
    CHECK_FALSE(folder.mapping(toml));
  }
}

}  // namespace
}  // namespace sosie::messages
