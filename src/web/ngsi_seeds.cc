#include "web/ngsi_seeds.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "wire/http/client.h"
#include "wire/json/value.h"
#include "wire/json/writer.h"

namespace sosie::web {
namespace {

constexpr std::size_t page_size = 1000;  // of a list of subscriptions

/// A request of the program itself.
ngsi::Answer ask(ngsi::Broker& broker, std::string method, std::string path, std::string query,
                 const std::string& tenant, const std::string& service_path,
                 const std::string& body = {}) {
  ngsi::Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.query = std::move(query);
  if (!tenant.empty()) request.headers.push_back({"Fiware-Service", tenant});
  request.headers.push_back({"Fiware-ServicePath", service_path});
  if (!body.empty()) {
    request.headers.push_back({"Content-Type", "application/json"});
    request.headers.push_back({"Content-Length", std::to_string(body.size())});
  }
  request.body = body;
  return broker.handle(request);
}

/// In the broker's words.
Error refused(std::string_view name, const ngsi::Answer& answer) {
  auto words = answer.body;
  if (const auto body = json::parse(answer.body)) {
    const auto* const why = body->find("description");
    if (why != nullptr && why->text() != nullptr) words = *why->text();
  }
  return {Errc::invalid,
          fmt::format("\"{}\" is refused by the broker: {} {}", name, answer.status, words)};
}

/// A broker that forgets.
struct Trial {
  explicit Trial(const ngsi::Options& options) : broker(options, clock, keeper, forwarder) {
    broker.start();
  }
  struct Nowhere final : ngsi::Keeper {
    ngsi::Ticket keep(ngsi::Change /*change*/) override { return 1; }
  };
  struct Nobody final : ngsi::Forwarder {
    Result<ngsi::ForwardAnswer> ask(const ngsi::ForwardRequest& /*request*/) override {
      return Error{Errc::unavailable, "a trial asks nobody"};
    }
  };
  SystemClock clock;
  Nowhere keeper;
  Nobody forwarder;
  ngsi::Broker broker;
};

/// Descriptions come back escaped.
std::string unescaped(std::string text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> marks{
      {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}}};
  for (const auto& [mark, meant] : marks) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
      text.replace(at, mark.size(), meant);
    }
  }
  return text;
}

void write_texts(json::Writer& out, std::string_view key, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  out.key(key);
  out.begin_array();
  for (const auto& text : texts) out.value(text);
  out.end_array();
}

struct Subscription {
  std::string entity;
  std::string pattern;
  std::string type;
  std::vector<std::string> attrs;
  std::string expression;
  std::string notify;
  std::vector<std::string> notify_attrs;
  std::string format;
  std::int64_t throttling_s = 0;
};

/// None where it would be empty, which the broker refuses.
void write_condition(json::Writer& out, const Subscription& wanted) {
  if (wanted.attrs.empty() && wanted.expression.empty()) return;
  out.key("condition");
  out.begin_object();
  write_texts(out, "attrs", wanted.attrs);
  if (!wanted.expression.empty()) {
    out.key("expression");
    out.begin_object();
    out.member("q", wanted.expression);
    out.end_object();
  }
  out.end_object();
}

std::string body_of(const std::string& description, const Subscription& wanted) {
  json::Writer out;
  out.begin_object();
  out.member("description", description);
  out.key("subject");
  out.begin_object();
  out.key("entities");
  out.begin_array();
  out.begin_object();
  if (!wanted.entity.empty()) {
    out.member("id", wanted.entity);
  } else {
    out.member("idPattern", wanted.pattern);
  }
  if (!wanted.type.empty()) out.member("type", wanted.type);
  out.end_object();
  out.end_array();
  write_condition(out, wanted);
  out.end_object();
  out.key("notification");
  out.begin_object();
  out.key("http");
  out.begin_object();
  out.member("url", wanted.notify);
  out.end_object();
  write_texts(out, "attrs", wanted.notify_attrs);
  out.member("attrsFormat", wanted.format);
  out.end_object();
  if (wanted.throttling_s > 0) out.member("throttling", wanted.throttling_s);
  out.end_object();
  return out.take();
}

/// In the scenario where there is no secret in it, else outside.
Result<std::string> read_receiver(Section& section) {
  auto secret = TRY(section.secret("notify"));
  if (!secret.empty()) {
    if (section.has("notify")) return section.wrong("notify", "stands beside notify_env");
    if (http::parse_url(secret)) return secret;
    return section.wrong("notify_env", "does not hold an http or https address");
  }
  auto address = TRY(section.text("notify"));
  const auto url = http::parse_url(address);
  if (!url) return section.wrong("notify", url.error().what);
  if (!(*url).password.empty()) {
    return section.wrong("notify", "holds a password; expected the whole of it by notify_env");
  }
  return address;
}

Result<Subscription> read_wanted(Section& section) {
  Subscription wanted;
  wanted.entity = TRY(section.text("entity", ""));
  wanted.pattern = TRY(section.text("id_pattern", wanted.entity.empty() ? ".*" : ""));
  if (!wanted.entity.empty() && !wanted.pattern.empty()) {
    return section.wrong("id_pattern", "stands beside 'entity'; expected one of the two");
  }
  wanted.type = TRY(section.text("type", ""));
  wanted.attrs = TRY(section.texts("attrs"));
  wanted.expression = TRY(section.text("expression", ""));
  wanted.notify = TRY(read_receiver(section));
  wanted.notify_attrs = TRY(section.texts("notify_attrs"));
  constexpr std::array<std::string_view, 5> formats{"normalized", "keyValues", "values",
                                                    "simplifiedNormalized", "simplifiedKeyValues"};
  wanted.format = TRY(section.choice("format", "normalized", formats));
  const auto throttling = TRY(section.duration("throttling", Duration::zero()));
  wanted.throttling_s = std::chrono::floor<std::chrono::seconds>(throttling).count();
  return wanted;
}

}  // namespace

Result<NgsiSeeds::Seed> NgsiSeeds::read_entity(Section& section, ngsi::Broker& trial) {
  Seed seed;
  seed.tenant = TRY(section.text("tenant", ""));
  seed.path = TRY(section.text("service_path", "/"));
  seed.name = TRY(section.text("id"));
  seed.type = TRY(section.text("type", "Thing"));
  json::Writer out;
  out.begin_object();
  out.member("id", seed.name);
  out.member("type", seed.type);
  out.end_object();
  seed.body = out.take();
  TRY(section.finish());
  if (const auto sown = sow_entity(trial, seed); !sown) {
    return section.wrong("id", sown.error().what);
  }
  return seed;
}

Result<NgsiSeeds::Seed> NgsiSeeds::read_subscription(Section& section, ngsi::Broker& trial) {
  Seed seed;
  seed.tenant = TRY(section.text("tenant", ""));
  seed.path = TRY(section.text("service_path", "/"));
  seed.name = TRY(section.text("description"));
  const auto wanted = TRY(read_wanted(section));
  seed.body = body_of(seed.name, wanted);
  TRY(section.finish());
  if (const auto sown = sow_subscription(trial, seed); !sown) {
    return section.wrong("description", sown.error().what);
  }
  return seed;
}

Result<NgsiSeeds> NgsiSeeds::read(Section& scenario, const ngsi::Options& options) {
  NgsiSeeds seeds;
  Trial trial(options);
  auto entities = TRY(scenario.tables("entity"));
  for (auto& section : entities) {
    auto seed = TRY(read_entity(section, trial.broker));
    seeds.entities_.push_back(std::move(seed));
  }
  auto subscriptions = TRY(scenario.tables("subscription"));
  for (auto& section : subscriptions) {
    auto seed = TRY(read_subscription(section, trial.broker));
    const auto is_same = [&](const Seed& other) {
      return other.name == seed.name && other.tenant == seed.tenant && other.path == seed.path;
    };
    if (std::ranges::any_of(seeds.subscriptions_, is_same)) {
      return section.wrong("description", "is another subscription's too");
    }
    seeds.subscriptions_.push_back(std::move(seed));
  }
  return seeds;
}

/// 422 with Already Exists is as good as made.
Result<void> NgsiSeeds::sow_entity(ngsi::Broker& broker, const Seed& seed) {
  const auto made = ask(broker, "POST", "/v2/entities", "", seed.tenant, seed.path, seed.body);
  const bool is_there = made.status == 422 && made.body.find("Already Exists") != std::string::npos;
  if (made.status == 201 || is_there) return {};
  return refused(seed.name, made);
}

Result<void> NgsiSeeds::sow_subscription(ngsi::Broker& broker, const Seed& seed) {
  const auto id = find_subscription(broker, seed);
  const auto answer = ask(broker, id.empty() ? "POST" : "PATCH",
                          "/v2/subscriptions" + (id.empty() ? std::string() : "/" + id), "",
                          seed.tenant, seed.path, seed.body);
  if (answer.status >= 200 && answer.status < 300) return {};
  return refused(seed.name, answer);
}

/// Its id; empty: it is not there.
std::string NgsiSeeds::find_subscription(ngsi::Broker& broker, const Seed& seed) {
  for (std::size_t offset = 0;; offset += page_size) {
    const auto listed =
        ask(broker, "GET", "/v2/subscriptions",
            fmt::format("limit={}&offset={}", page_size, offset), seed.tenant, seed.path);
    const auto list = json::parse(listed.body);
    if (listed.status != 200 || !list || list->list() == nullptr || list->list()->empty())
      return {};
    for (const auto& known : *list->list()) {
      const auto* const words = known.find("description");
      const auto* const id = known.find("id");
      if (words == nullptr || id == nullptr || words->text() == nullptr) continue;
      if (unescaped(*words->text()) == seed.name && id->text() != nullptr) return *id->text();
    }
  }
}

Result<void> NgsiSeeds::sow(ngsi::Broker& broker) const {
  for (const auto& seed : entities_) {
    TRY(sow_entity(broker, seed));
  }
  for (const auto& seed : subscriptions_) {
    TRY(sow_subscription(broker, seed));
  }
  return {};
}

}  // namespace sosie::web
