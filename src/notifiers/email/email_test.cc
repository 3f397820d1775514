#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/catalog.h"
#include "core/notifier.h"
#include "notifiers/email/message.h"
#include "testing/alarm_sample.h"
#include "testing/server.h"

namespace sosie {
void register_notifiers_email(Catalog& catalog);
namespace {

// That a mail arrives is tests/e2e/test_alerts.py's, with a real server.

Result<std::unique_ptr<Notifier>> make(const std::string& toml) {
  Catalog catalog;
  register_notifiers_email(catalog);
  auto section = Section::read_text("kind = 'email'\n" + toml);
  REQUIRE(section);
  return catalog.make<Notifier>(*section);
}

TEST_CASE("email: the mail") {
  email::Message message;
  message.from = "Sosie <sosie@example.org>";
  message.to = {"a@example.org", "B <b@example.org>"};
  message.subject = "Alarme élevée\r\nBcc: everybody@example.org, and this goes on for long";
  message.text = "Über 30 °C\n";
  message.id = "2@example.org";
  message.in_reply_to = "1@example.org";
  message.at = Timestamp{std::chrono::milliseconds(1'795'168'800'000)};
  CHECK(email::to_internet_message(message) ==
        "Date: Fri, 20 Nov 2026 10:00:00 +0000\r\n"
        "From: Sosie <sosie@example.org>\r\n"
        "To: a@example.org,\r\n B <b@example.org>\r\n"
        "Subject: =?UTF-8?B?QWxhcm1lIMOpbGV2w6llDQpCY2M6IGV2ZXJ5Ym9keUBleGFtcGxlLm9y?=\r\n"
        " =?UTF-8?B?ZywgYW5kIHRoaXMgZ29lcyBvbiBmb3IgbG9uZw==?=\r\n"
        "Message-ID: <2@example.org>\r\n"
        "In-Reply-To: <1@example.org>\r\nReferences: <1@example.org>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
        "w5xiZXIgMzAgwrBDCg==\r\n");
}

TEST_CASE("email: an encoded word ends between characters, a line of text anywhere") {
  email::Message message;
  for (int i = 0; i < 30; ++i) message.subject += "é";
  message.text = std::string(58, 'x');
  const auto mail = email::to_internet_message(message);
  // 21 of two bytes fit into 42.
  CHECK(mail.find(
            "w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOp?=\r\n =?UTF-8?B?w6nDqc") !=
        std::string::npos);
  CHECK(mail.find("eHh4\r\neA==\r\n") != std::string::npos);
}

TEST_CASE("email: mailboxes") {
  struct Case {
    const char* address;
    const char* mailbox;
  };
  const Case cases[] = {
      {"ana@example.org", "ana@example.org"},
      {"Ana B. <ana@example.org>", "ana@example.org"},
      {" ana@example.org ", "ana@example.org"},
      {"ana", ""},
      {"@example.org", ""},
      {"ana@", ""},
      {"ana@example.org>", ""},
      {"a b@example.org", ""},
      {"a@b@example.org", ""},
      {"a@example.org\r\nRCPT TO:<x@example.org>", ""},
      {"<a@example.org> SIZE=1", ""},
      {"é@example.org", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.address);
    CHECK(email::mailbox_of(c.address) == c.mailbox);
  }
}

TEST_CASE("email: what is wrong with its section is said") {
  const std::string good = "host = 'mail.example.org'\nfrom = 'a@example.org'\nto = ['b@x.org']\n";
  CHECK(make(good));
  struct Case {
    std::string toml;
    const char* says;
  };
  const Case cases[] = {
      {"", "host"},
      {"host = 'a/b'", "host"},
      {good + "security = 'ssl'", "starttls"},
      {good + "port = 70000", "65535"},
      {good + "user = 'ana'", "password_env"},
      {good + "password = 'in the open'", "password"},
      {good + "user = 'ana'\npassword_env = 'PATH'\nsecurity = 'none'", "security"},
      {"host = 'x'\nfrom = 'nobody'\nto = ['b@x.org']", "from"},
      {"host = 'x'\nfrom = 'a@x.org'", "to"},
      {"host = 'x'\nfrom = 'a@x.org'\nto = ['a@x.org', 'b']", "to"},
      {good + "steps = ['raise']", "raised"},
      {good + "langauge = 'fr'", "language"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto notifier = make(c.toml);
    REQUIRE(!notifier);
    CAPTURE(notifier.error().what);
    CHECK(notifier.error().what.find(c.says) != std::string::npos);
  }
}

TEST_CASE("email: a server that is down is an error, and what is not asked for asks nobody") {
  const int port = testing::free_port();
  auto notifier = make(fmt::format(
      "host = '127.0.0.1'\nport = {}\nfrom = 'a@x.org'\nto = ['b@x.org']\nmin_priority = 'high'",
      port));
  REQUIRE(notifier);
  auto& series = testing::sample_series();
  CHECK((*notifier)->tell(testing::sample_event(AlarmEvent::What::raised, Priority::low), series));
  const auto told =
      (*notifier)->tell(testing::sample_event(AlarmEvent::What::raised, Priority::high), series);
  REQUIRE(!told);
  CHECK(told.error().code == Errc::unavailable);
  CHECK(told.error().what.starts_with(fmt::format("127.0.0.1:{}: ", port)));
}

TEST_CASE("email: its sample is a good section") {
  Catalog catalog;
  register_notifiers_email(catalog);
  auto scenario = Section::read_file(SOSIE_ROOT "/src/notifiers/email/sample.toml");
  REQUIRE(scenario);
  auto sections = (*scenario).tables("notifier");
  REQUIRE(sections);
  REQUIRE((*sections).size() == 1);
  CHECK(catalog.make<Notifier>((*sections).front()));
}

}  // namespace
}  // namespace sosie
