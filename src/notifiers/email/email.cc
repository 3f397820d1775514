#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "core/catalog.h"
#include "core/notifier.h"
#include "notifiers/email/message.h"
#include "notifying/step_filter.h"
#include "notifying/wording.h"

namespace sosie {
namespace {

constexpr auto give_up_after = std::chrono::seconds(10);

enum class Protection { starttls, tls, none };

struct Config {
  std::string url;   ///< libcurl's: "smtp://host:587"
  std::string host;  ///< "host:587", for messages
  Protection protection = Protection::starttls;
  std::string user;
  std::string password;
  std::string ca_file;
  bool verify = true;
  std::string from;
  std::vector<std::string> to;
  std::string prefix;  ///< of subjects
};

struct EndCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Curl = std::unique_ptr<CURL, EndCurl>;
using Recipients = std::unique_ptr<curl_slist, EndCurl>;

/// What libcurl has not read yet.
std::size_t read_more(char* to, std::size_t size, std::size_t count, void* rest) {
  auto& text = *static_cast<std::string_view*>(rest);
  const auto taken = std::min(size * count, text.size());
  std::memcpy(to, text.data(), taken);
  text.remove_prefix(taken);
  return taken;
}

Recipients recipients_of(const Config& config) {
  Recipients list;
  for (const auto& address : config.to) {
    const auto mailbox = fmt::format("<{}>", email::mailbox_of(address));
    if (auto* const longer = curl_slist_append(list.get(), mailbox.c_str())) {
      (void)list.release();  // it is the head of the longer one
      list.reset(longer);
    }
  }
  return list;
}

void set_server(CURL* curl, const Config& config) {
  curl_easy_setopt(curl, CURLOPT_URL, config.url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::chrono::milliseconds(give_up_after).count()));
  const bool has_tls = config.protection != Protection::none;
  curl_easy_setopt(curl, CURLOPT_USE_SSL,
                   static_cast<long>(has_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, config.verify ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, config.verify ? 2L : 0L);
  if (!config.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, config.ca_file.c_str());
  if (config.user.empty()) return;
  curl_easy_setopt(curl, CURLOPT_USERNAME, config.user.c_str());
  curl_easy_setopt(curl, CURLOPT_PASSWORD, config.password.c_str());
}

/// One conversation with the mail server. Errors: `timeout`, `unavailable`; `invalid`: it will
/// never take this mail.
Result<void> deliver(const Config& config, std::string_view mail) {
  const Curl curl(curl_easy_init());
  const auto recipients = recipients_of(config);
  if (!curl || !recipients) return Error{Errc::unavailable, "no memory for a mail"};
  const auto from = fmt::format("<{}>", email::mailbox_of(config.from));
  std::array<char, CURL_ERROR_SIZE> said{};
  set_server(curl.get(), config);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, said.data());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
  // One address that is wrong must not keep the mail from the others.
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, read_more);
  curl_easy_setopt(curl.get(), CURLOPT_READDATA, &mail);
  const auto code = curl_easy_perform(curl.get());
  if (code == CURLE_OK) return {};
  long answer = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer);
  const std::string reason = said[0] != '\0' ? said.data() : curl_easy_strerror(code);
  // After the last byte of the mail libcurl expects 250, and calls anything else weird.
  const bool is_about_mail = code == CURLE_WEIRD_SERVER_REPLY && answer >= 500 && answer < 600;
  const auto kind = is_about_mail                      ? Errc::invalid
                    : code == CURLE_OPERATION_TIMEDOUT ? Errc::timeout
                                                       : Errc::unavailable;
  const auto number = answer > 0 ? fmt::format(" (answered {})", answer) : std::string();
  return Error{kind, fmt::format("{}: {}{}", config.host, reason, number)};
}

/// Sends a mail a step; those of one alarm make a thread.
class Email final : public Notifier {
 public:
  Email(StepFilter filter, Wording wording, Config config)
      : filter_(std::move(filter)), wording_(std::move(wording)), config_(std::move(config)) {}

  bool wants(const AlarmEvent& event) const override { return filter_.wants(event); }

  Result<void> tell(const AlarmEvent& event, const SeriesTable& series) override {
    if (!filter_.wants(event)) return {};
    auto sent = deliver(config_, email::to_internet_message(message_of(event, series)));
    if (sent || sent.error().code != Errc::invalid) return sent;
    // It will not like the same mail better next time, and others wait behind this one.
    log::warning("email", "{}: alarm {} ({}) is not sent again", sent.error().what, event.alarm.id,
                 to_text(event.what));
    return {};
  }

 private:
  email::Message message_of(const AlarmEvent& event, const SeriesTable& series) const {
    email::Message message;
    message.from = config_.from;
    message.to = config_.to;
    message.subject = config_.prefix.empty()
                          ? wording_.title(event)
                          : fmt::format("{} {}", config_.prefix, wording_.title(event));
    message.text = wording_.title(event) + "\n\n";
    for (const auto& fact : wording_.facts(event, series)) {
      message.text += fmt::format("{}: {}\n", fact.name, fact.value);
    }
    if (!wording_.link().empty()) message.text += fmt::format("\n{}\n", wording_.link());
    const auto thread = id_of(event.alarm, AlarmEvent::What::raised, event.alarm.raised);
    message.id = id_of(event.alarm, event.what, event.at);
    if (event.what != AlarmEvent::What::raised) message.in_reply_to = thread;
    message.at = event.at;
    return message;
  }

  /// The same for the same step, so a mail that is sent twice is shown once.
  std::string id_of(const Alarm& alarm, AlarmEvent::What what, Timestamp at) const {
    const auto mailbox = email::mailbox_of(config_.from);
    return fmt::format("sosie.{}.{}.{}.{}@{}", slug(alarm.asset), alarm.id, to_text(what),
                       at.time_since_epoch().count(), mailbox.substr(mailbox.find('@') + 1));
  }

  const StepFilter filter_;
  const Wording wording_;
  const Config config_;
};

Result<std::string> read_mailbox(const Section& section, std::string_view key, std::string text) {
  if (!email::mailbox_of(text).empty()) return text;
  return section.wrong(key, fmt::format("has '{}', which is no address of ASCII", text));
}

Result<void> read_server(Section& section, Config& config) {
  constexpr std::array<std::string_view, 3> ways{"starttls", "tls", "none"};
  const auto way = TRY(section.choice("security", "starttls", ways));
  config.protection = static_cast<Protection>(std::ranges::find(ways, way) - ways.begin());
  const bool is_tls = config.protection == Protection::tls;
  const auto host = TRY(section.text("host"));
  if (host.empty() || host.find_first_of("/@?# \t\r\n") != std::string::npos) {
    return section.wrong("host", "expected a host's name");
  }
  const auto port = TRY(section.integer("port", is_tls ? 465 : 587));
  if (port < 1 || port > 65535) return section.wrong("port", "expected 1 to 65535");
  const bool is_v6 = host.find(':') != std::string::npos;
  config.host = fmt::format("{}{}{}:{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
  config.url = fmt::format("{}://{}", is_tls ? "smtps" : "smtp", config.host);
  config.ca_file = TRY(section.path("ca_file", ""));
  config.verify = TRY(section.flag("verify", true));
  return {};
}

Result<void> read_login(Section& section, Config& config) {
  config.user = TRY(section.text("user", ""));
  config.password = TRY(section.secret("password"));
  if (config.user.empty() != config.password.empty()) {
    return section.wrong("user",
                         "a user and the password (password_env, password_file) come "
                         "together");
  }
  if (!config.user.empty() && config.protection == Protection::none) {
    return section.wrong("security", "must not be none where a password is sent");
  }
  return {};
}

Result<void> read_letterhead(Section& section, Config& config) {
  auto from = TRY(section.text("from"));
  config.from = TRY(read_mailbox(section, "from", std::move(from)));
  auto addresses = TRY(section.texts("to"));
  for (auto& address : addresses) {
    auto to = TRY(read_mailbox(section, "to", std::move(address)));
    config.to.push_back(std::move(to));
  }
  if (config.to.empty()) return section.wrong("to", "is missing: a list of addresses");
  config.prefix = TRY(section.text("subject_prefix", "[Sosie]"));
  return {};
}

Result<std::unique_ptr<Notifier>> make(Section& section) {
  Config config;
  TRY(read_server(section, config));
  TRY(read_login(section, config));
  TRY(read_letterhead(section, config));
  auto filter = TRY(StepFilter::read(section));
  auto wording = TRY(Wording::read(section));
  return std::make_unique<Email>(std::move(filter), std::move(wording), std::move(config));
}

}  // namespace

void register_notifiers_email(Catalog& catalog) {
  curl_global_init(CURL_GLOBAL_DEFAULT);  // while there is one thread
  catalog.add<Notifier>("email", make);
}

}  // namespace sosie
