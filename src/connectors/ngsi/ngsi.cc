#include <memory>

#include <fmt/format.h>

#include "connectors/ngsi/poller.h"
#include "core/catalog.h"
#include "core/endpoint.h"
#include "core/in_clear.h"
#include "wire/json/value.h"
#include "wire/json/writer.h"
#include "wire/ngsi/address.h"
#include "wire/ngsi/measures.h"

namespace sosie {
namespace context {
namespace {

PostReply reply(int status, std::string_view error, std::string_view description) {
  json::Writer out;
  out.begin_object();
  out.member("error", error);
  out.member("description", description);
  out.end_object();
  return {status, out.take(), status >= 500 || status == 429 ? 1 : 0};
}

/// Takes a broker's notifications: {"subscriptionId": …, "data": [entity, …]}, normalized or
/// keyValues.
class NotifyEndpoint final : public Endpoint {
 public:
  NotifyEndpoint(std::string path, Duration patience)
      : path_(std::move(path)), patience_(patience) {}

  std::vector<std::string> paths() const override { return {path_}; }

  PostReply post(Intake& intake, const PostedBody& request) override {
    if (const auto trouble = intake.trouble()) {
      return reply(PostReply::status_of(*trouble), "unavailable", trouble->what);
    }
    const auto body = json::parse(request.body);
    const auto* const data = body ? body->find("data") : nullptr;
    if (data == nullptr || data->list() == nullptr) {
      const std::string why =
          body ? "an object with the list \"data\" was expected" : body.error().what;
      intake.refuse({.source = "ngsi",
                     .reason = why,
                     .sample = std::string(request.body.substr(0, 500)),
                     .where = path_});
      return reply(400, "invalid", why);
    }
    std::vector<Reading> readings;
    for (const auto& entity : *data->list()) gather(entity, intake, readings);
    if (readings.empty()) return {200, R"({"taken":0})", 0};
    const auto put = intake.try_put(readings, "ngsi");
    if (!put) return reply(429, "unavailable", put.error().what);
    if (put->taken > 0 && !intake.wait_durable(put->ticket, patience_)) {
      return reply(503, "unavailable", "not on disk yet: send it again, which does no harm");
    }
    return {200, fmt::format(R"({{"taken":{}}})", put->taken), 0};
  }

 private:
  static void gather(const json::Value& entity, Intake& intake, std::vector<Reading>& readings) {
    const auto refuse = [&](std::string why, std::string sample) {
      intake.refuse({.source = "ngsi",
                     .reason = std::move(why),
                     .sample = std::move(sample),
                     .where = "notification"});
    };
    const auto measures = read_measures(entity);
    if (!measures) {
      refuse(measures.error().what, "");
      return;
    }
    const Timestamp now = intake.clock().now();
    for (const Measure& measure : *measures) {
      const auto series = intake.series(measure.entity, measure.attribute);
      if (!series) {
        refuse(series.error().what, fmt::format("{} = {}", measure.attribute, measure.value));
        continue;
      }
      readings.push_back(
          {.at = measure.at.value_or(now), .value = measure.value, .series = *series});
    }
  }

  const std::string path_;
  const Duration patience_;
};

Result<Address> read_place(Section& section) {
  const auto text = TRY(section.text("broker"));
  auto address = read_address(text);
  if (!address) return section.wrong("broker", address.error().what);
  address->token = TRY(section.secret("token"));
  if (address->base.starts_with("http://")) {
    warn_of_clear(section, "broker", address->token, address->base.substr(7), "ngsi+https://");
  }
  address->trust.ca_file = TRY(section.path("ca_file", ""));
  return address;
}

Result<std::unique_ptr<Source>> make_source(Section& section) {
  Poller::Config config;
  config.name = TRY(section.text("name", "ngsi"));
  config.address = TRY(read_place(section));
  config.ids = TRY(section.texts("ids"));
  config.id_pattern = TRY(section.text("id_pattern", ""));
  if (!config.ids.empty() && !config.id_pattern.empty()) {
    return section.wrong("id_pattern", "stands beside 'ids'; expected one of the two");
  }
  config.attrs = TRY(section.texts("attrs"));
  config.q = TRY(section.text("q", ""));
  config.interval = TRY(section.duration("interval", config.interval));
  if (config.interval < std::chrono::milliseconds(100)) {
    return section.wrong("interval", "is too short; expected at least \"100ms\"");
  }
  config.page = TRY(section.integer("page", config.page));
  if (config.page < 1 || config.page > 1000) {
    return section.wrong("page", "expected 1 to 1000, which is the most that brokers give");
  }
  const auto timeout = TRY(section.duration("timeout", config.timeout));
  config.timeout = std::chrono::floor<std::chrono::milliseconds>(timeout);
  return std::make_unique<Poller>(std::move(config));
}

Result<std::unique_ptr<Endpoint>> make_endpoint(Section& section) {
  auto path = TRY(section.text("path", "/ngsi/notify"));
  if (!path.starts_with('/')) return section.wrong("path", "must begin with '/'");
  const auto patience = TRY(section.duration("patience", std::chrono::seconds(10)));
  return std::make_unique<NotifyEndpoint>(std::move(path), patience);
}

}  // namespace
}  // namespace context

void register_connectors_ngsi(Catalog& catalog);
void register_connectors_ngsi(Catalog& catalog) {
  catalog.add<Source>("ngsi", context::make_source);
  catalog.add<Endpoint>("ngsi", context::make_endpoint);
}

}  // namespace sosie
