#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/time_text.h"
#include "core/catalog.h"
#include "core/notifier.h"
#include "wire/http/client.h"
#include "wire/json/writer.h"

namespace sosie {
namespace {

using What = AlarmEvent::What;

constexpr std::array<std::string_view, 6> step_names{"raised",  "cleared",   "acknowledged",
                                                     "shelved", "unshelved", "changed"};
constexpr std::array<std::string_view, 4> priority_names{"critical", "high", "medium", "low"};

std::optional<std::int64_t> milliseconds(const std::optional<Timestamp>& at) {
  if (!at) return std::nullopt;
  return std::chrono::floor<std::chrono::milliseconds>(*at).time_since_epoch().count();
}

/// The alarm as /api/alarms shows it.
void write_alarm(json::Writer& out, const Alarm& alarm, const SeriesTable& series) {
  out.begin_object();
  out.member("id", alarm.id);
  out.member("condition", alarm.condition);
  out.member("asset", alarm.asset);
  const SeriesInfo* const info = alarm.series ? &series[*alarm.series] : nullptr;
  out.member("series", alarm.series ? std::optional(alarm.series->index) : std::nullopt);
  out.member("name", info != nullptr ? info->name() : "");
  out.member("stage", info != nullptr ? info->stage : "");
  out.member("finding", alarm.finding);
  out.member("priority", to_text(alarm.priority));
  out.member("active", alarm.is_active());
  out.member("acknowledged", alarm.is_acknowledged());
  out.key("message");
  out.begin_object();
  out.member("en", alarm.message.en);
  out.member("fr", alarm.message.fr);
  out.end_object();
  out.member("raised_ms", milliseconds(alarm.raised));
  out.member("cleared_ms", milliseconds(alarm.cleared));
  out.member("acknowledged_ms", milliseconds(alarm.acknowledged));
  out.member("acknowledged_by", alarm.acknowledged_by);
  out.member("comment", alarm.comment);
  out.member("shelved_until_ms", milliseconds(alarm.shelved_until));
  out.end_object();
}

std::string body_of(const AlarmEvent& event, const SeriesTable& series) {
  json::Writer out;
  out.begin_object();
  out.member("what", to_text(event.what));
  out.member("at", to_iso8601(event.at));
  out.member("at_ms", milliseconds(event.at));
  out.member("who", event.who);
  out.member("comment", event.comment);
  out.key("alarm");
  write_alarm(out, event.alarm, series);
  out.end_object();
  return out.take();
}

/// Posts each asked-for step to one address.
class Webhook final : public Notifier {
 public:
  struct Config {
    std::string host;  ///< for messages: an address may hold a secret in its path
    std::set<What> steps;
    Priority min_priority = Priority::low;
    http::Request request;  ///< all but the body
  };

  explicit Webhook(Config config) : config_(std::move(config)) {}

  Result<void> tell(const AlarmEvent& event, const SeriesTable& series) override {
    if (!is_asked_for(event)) return {};
    auto request = config_.request;
    request.body = body_of(event, series);
    const auto answer = client_.send(request);
    if (!answer) return Error(answer.error()).in(config_.host);
    return judge((*answer).status, event);
  }

 private:
  bool is_asked_for(const AlarmEvent& event) const {
    if (event.alarm.priority > config_.min_priority || !config_.steps.contains(event.what)) {
      return false;
    }
    // Who shelved an alarm does not want to hear of it; only that it was shelved may be told.
    return !event.alarm.is_shelved() || event.what == What::shelved;
  }

  Result<void> judge(int status, const AlarmEvent& event) const {
    if (status >= 200 && status < 300) return {};
    if (status == 400 || status == 413 || status == 422) {
      // It will not like the same body better next time, and others wait behind this one.
      log::warning("webhook", "{} refuses alarm {} ({}) with status {}: not sent again",
                   config_.host, event.alarm.id, to_text(event.what), status);
      return {};
    }
    return Error{Errc::unavailable, fmt::format("{}: answered {}", config_.host, status)};
  }

  const Config config_;
  http::Client client_;
};

Result<std::set<What>> read_steps(Section& section) {
  const auto texts = TRY(section.texts("steps"));
  std::set<What> steps;
  for (const auto& text : texts) {
    const auto found = std::ranges::find(step_names, text);
    if (found == step_names.end()) return section.wrong_choice("steps", text, step_names);
    steps.insert(static_cast<What>(found - step_names.begin()));
  }
  if (steps.empty()) steps = {What::raised, What::changed, What::cleared, What::unshelved};
  return steps;
}

/// RFC 9110, 5.6.2 (token) and 5.5 (field value): what cannot smuggle another header in.
bool is_header(std::string_view name, std::string_view value) {
  const auto is_token = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  const auto is_text = [](char c) { return c == '\t' || (c >= ' ' && c != '\x7f') || c < 0; };
  return !name.empty() && std::ranges::all_of(name, is_token) &&
         std::ranges::all_of(value, is_text);
}

Result<http::Headers> read_headers(Section& section) {
  http::Headers headers{{"Content-Type", "application/json"}};
  const auto own = TRY(section.text_map("headers"));
  for (const auto& [name, value] : own) {
    if (!is_header(name, value)) {
      return section.wrong("headers", fmt::format("has '{}', which is no HTTP header", name));
    }
    headers.push_back({name, value});
  }
  const auto token = TRY(section.secret("token"));
  if (token.empty()) return headers;
  if (!is_header("Authorization", token)) return section.wrong("token", "is no HTTP header");
  if (!http::find_header(headers, "authorization").empty()) {
    return section.wrong("headers", "has an Authorization, and so does the token");
  }
  headers.push_back({"Authorization", "Bearer " + token});
  return headers;
}

Result<std::chrono::milliseconds> read_timeout(Section& section) {
  const auto timeout = TRY(section.duration("timeout", std::chrono::seconds(10)));
  if (timeout <= Duration{} || timeout > std::chrono::seconds(10)) {
    return section.wrong("timeout", "is expected to be more than 0 and at most 10s");
  }
  return std::max(std::chrono::floor<std::chrono::milliseconds>(timeout),
                  std::chrono::milliseconds(1));
}

Result<http::Request> read_request(Section& section) {
  http::Request request;
  request.method = "POST";
  request.url = TRY(section.text("url"));
  request.headers = TRY(read_headers(section));
  request.timeout = TRY(read_timeout(section));
  request.trust.ca_file = TRY(section.path("ca_file", ""));
  request.trust.verify = TRY(section.flag("verify", true));
  return request;
}

Result<std::unique_ptr<Notifier>> make(Section& section) {
  Webhook::Config config;
  config.request = TRY(read_request(section));
  const auto url = http::parse_url(config.request.url);
  if (!url) return section.wrong("url", url.error().what);
  config.host = (*url).authority();
  config.steps = TRY(read_steps(section));
  const auto lowest = TRY(section.choice("min_priority", "low", priority_names));
  config.min_priority = priority_from_text(lowest).value_or(Priority::low);
  return std::make_unique<Webhook>(std::move(config));
}

}  // namespace

void register_notifiers_webhook(Catalog& catalog) {
  catalog.add<Notifier>("webhook", make);
}

}  // namespace sosie
