#include "web/ngsi_twin.h"

namespace sosie::web {
namespace {

/// Nobody may foretell an id, and no two lives may have the same.
std::uint64_t seed_of_this_life() {
  const auto wall = SystemClock().now().time_since_epoch().count();
  const auto steady = stopwatch().time_since_epoch().count();
  return static_cast<std::uint64_t>(wall) * 0x9e3779b97f4a7c15U +
         static_cast<std::uint64_t>(steady);
}

ngsi::Options with_seed(ngsi::Options options) {
  options.seed = seed_of_this_life();
  return options;
}

Result<std::int64_t> at_least_one(Section& section, std::string_view key, std::int64_t otherwise) {
  const auto value = TRY(section.integer(key, otherwise));
  if (value < 1) return section.wrong(key, "expected 1 or more");
  return value;
}

}  // namespace

Result<NgsiOptions> read_ngsi_options(Section& scenario) {
  NgsiOptions options;
  auto& broker = options.broker;
  auto section = TRY(scenario.table("broker"));
  broker.multiservice = TRY(section.flag("multiservice", false));
  broker.cors_origin = TRY(section.text("cors_origin", ""));
  const auto max_age = TRY(section.duration("cors_max_age", broker.cors_max_age));
  broker.cors_max_age = std::chrono::floor<std::chrono::seconds>(max_age);
  const auto timeout = TRY(section.duration("http_timeout", broker.http_timeout));
  if (timeout < std::chrono::milliseconds(1)) {
    return section.wrong("http_timeout", "expected 1 ms or more");
  }
  broker.http_timeout = std::chrono::floor<std::chrono::milliseconds>(timeout);
  const auto payload = TRY(at_least_one(section, "payload_limit", 1 << 20));
  broker.payload_limit = static_cast<std::uint64_t>(payload);
  broker.custom_notifications = TRY(section.flag("custom_notifications", true));
  broker.forward_limit = TRY(section.integer("forward_limit", -1));
  broker.log_level = TRY(section.text("log_level", ""));
  if (!broker.log_level.empty() && !ngsi::is_log_level(broker.log_level)) {
    return section.wrong("log_level", "expected NONE, FATAL, ERROR, WARN, INFO or DEBUG");
  }
  broker.trace_levels = TRY(section.text("trace_levels", ""));
  if (!broker.trace_levels.empty() && !ngsi::parse_trace_levels(broker.trace_levels)) {
    return section.wrong("trace_levels", "expected numbers below 256 and ranges: 19,21-25");
  }
  const auto series = TRY(section.integer("history_series", 10'000));
  if (series < 0) return section.wrong("history_series", "expected 0 or more");
  options.history_series = static_cast<std::size_t>(series);
  options.tokens = TRY(NgsiTokens::read(section));
  options.trust.ca_file = TRY(section.path("ca_file", ""));
  options.trust.verify = TRY(section.flag("verify_receivers", true));
  TRY(section.finish());
  options.seeds = TRY(NgsiSeeds::read(scenario, options.broker));
  return options;
}

NgsiTwin::NgsiTwin(const NgsiOptions& options, Engine& engine)
    : engine_(engine),
      seeds_(options.seeds),
      series_(engine, options.history_series),
      keeper_(engine, series_, events_),
      archive_(engine, series_),
      forwarder_(options.trust),
      broker_(with_seed(options.broker), engine.clock(), keeper_, forwarder_),
      postman_({.timeout = options.broker.http_timeout, .trust = options.trust}, keeper_),
      observer_(engine, series_, broker_, events_),
      more_({engine, broker_, series_, archive_, events_, options.broker.multiservice}),
      guest_({broker_, keeper_, more_, engine, figures_, options.tokens,
              options.broker.multiservice, options.broker.payload_limit}) {}

Result<void> NgsiTwin::restore() {
  broker_.use(archive_);
  return keeper_.restore(broker_, postman_);
}

Result<void> NgsiTwin::start(DocumentRoad::Listener release) {
  engine_.documents().on_durable(std::move(release));
  postman_.start();
  auto sown = seeds_.sow(broker_);  // before the observer, which makes entities without a type
  observer_.start();
  return sown;
}

void NgsiTwin::write_metrics(Exposition& out) const {
  const auto outbox = engine_.store().outbox_size();
  write_ngsi_metrics(
      out, {figures_, broker_, postman_, forwarder_, events_, outbox ? *outbox : std::uint64_t{0}});
}

void NgsiTwin::stop() {
  observer_.stop();
  postman_.stop();
  engine_.documents().on_durable({});
}

}  // namespace sosie::web
