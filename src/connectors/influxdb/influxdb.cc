#include <algorithm>
#include <array>
#include <vector>

#include "connectors/influxdb/sink.h"
#include "core/catalog.h"
#include "core/endpoint.h"
#include "wire/json/writer.h"
#include "wire/line/line.h"
#include "wire/line/naming.h"

namespace sosie {
namespace {

constexpr std::size_t max_quarantined = 1000;  ///< of one body, kept one by one
constexpr std::size_t max_sample = 200;

struct Config {
  std::string source;
  line::Naming naming;
  bool skips_texts = true;
  Duration patience{};
};

/// Turns the lines of one body into readings.
class Collector {
 public:
  Collector(Intake& intake, const Config& config)
      : intake_(intake), config_(config), now_(intake.clock().now()) {}

  void read(std::string_view body, line::Precision precision) {
    line::Parser parser(precision);
    for (std::size_t number = 1; const auto text = line::next_line(body); ++number) {
      place_ = fmt::format("line {}", number);
      const auto point = parser.parse(*text);
      if (!point) {
        refuse(point.error().what, *text);
        continue;
      }
      for (const auto& field : (*point)->fields) take(**point, field, *text);
    }
  }

  /// To be called once the body is accepted: one that comes again (429) is not told of twice.
  void quarantine() {
    if (refused_ > refusals_.size()) {
      refusals_.push_back({config_.source,
                           fmt::format("{} more of the same body", refused_ - refusals_.size()), "",
                           ""});
    }
    for (auto& refusal : refusals_) intake_.refuse(std::move(refusal));
  }

  const std::vector<Reading>& readings() const { return readings_; }
  std::size_t refused() const { return refused_; }
  const std::string& first_reason() const { return first_reason_; }

 private:
  void take(const line::Point& point, const line::Field& field, std::string_view text) {
    const auto value = field.number();
    if (!value) {
      if (!config_.skips_texts) {
        refuse(fmt::format("unable to parse '{}': field '{}' is a text; expected a number",
                           text.substr(0, max_sample), field.key),
               text);
      }
      return;
    }
    entity_.clear();
    config_.naming.append_entity(entity_, point);
    const auto series = intake_.series(entity_, config_.naming.attribute_of(point, field));
    if (!series) return refuse(series.error().what, text);
    readings_.push_back({.at = point.time.value_or(now_), .value = *value, .series = *series});
  }

  void refuse(std::string_view reason, std::string_view sample) {
    if (refused_++ == 0) first_reason_ = reason;
    if (refusals_.size() >= max_quarantined) return;
    refusals_.push_back(
        {config_.source, std::string(reason), std::string(sample.substr(0, max_sample)), place_});
  }

  Intake& intake_;
  const Config& config_;
  const Timestamp now_;
  std::vector<Reading> readings_;
  std::vector<Refusal> refusals_;
  std::size_t refused_ = 0;
  std::string first_reason_;
  std::string place_;
  std::string entity_;
};

/// As InfluxDB 2 answers; `error` is where InfluxDB 1 had it.
PostReply problem(int status, std::string_view code, std::string_view message) {
  json::Writer out;
  out.begin_object();
  out.member("code", code);
  out.member("message", message);
  out.member("error", message);
  out.end_object();
  return {status, out.take(), status == 429 || status >= 500 ? 1 : 0};
}

PostReply not_on_disk(const std::optional<Error>& trouble) {
  constexpr std::string_view again = "not on disk yet: send it again, which does no harm";
  if (!trouble) return problem(503, "unavailable", again);
  return problem(PostReply::status_of(*trouble), "unavailable",
                 fmt::format("{}; {}", trouble->what, again));
}

/// The value of a key in a query; what this endpoint looks for needs no decoding.
std::string_view parameter(std::string_view query, std::string_view key) {
  for (const auto part : split(query, '&')) {
    if (part.starts_with(key) && part.substr(key.size()).starts_with('=')) {
      return part.substr(key.size() + 1);
    }
  }
  return {};
}

/// InfluxDB line protocol by POST, so that what writes to InfluxDB 1.x or 2.x can write to Sosie.
class InfluxEndpoint final : public Endpoint {
 public:
  explicit InfluxEndpoint(Config config) : config_(std::move(config)) {}

  std::vector<std::string> paths() const override { return {"/write", "/api/v2/write"}; }

  PostReply post(Intake& intake, const PostedBody& request) override {
    const auto unit = parameter(request.query, "precision");
    const auto precision = line::precision_from_text(unit);
    if (!precision) {
      return problem(400, "invalid",
                     fmt::format("invalid precision; valid precision units are ns, us, ms, and s, "
                                 "and not '{}'",
                                 unit));
    }
    if (const auto trouble = intake.trouble()) return not_on_disk(trouble);
    Collector points(intake, config_);
    points.read(request.body, *precision);
    Admission said;
    if (!points.readings().empty()) {
      auto put = intake.try_put(points.readings(), config_.source);
      if (!put) return problem(429, "too many requests", put.error().what);
      said = *put;
    }
    points.quarantine();
    const bool waits = parameter(request.query, "ack") != "none";
    if (waits && said.taken > 0 && !intake.wait_durable(said.ticket, config_.patience)) {
      return not_on_disk(intake.trouble());
    }
    return answer(points, said);
  }

 private:
  static PostReply answer(const Collector& points, const Admission& said) {
    const auto refused = points.refused() + said.refused;
    if (refused == 0) return {204, "", 0};
    const auto& reason = points.refused() > 0 ? points.first_reason() : said.reason;
    if (said.taken == 0) return problem(400, "invalid", reason);
    return problem(400, "invalid", fmt::format("partial write: {} dropped={}", reason, refused));
  }

  const Config config_;
};

Result<std::unique_ptr<Endpoint>> make(Section& section) {
  constexpr std::array<std::string_view, 2> meanings{"measurement", "only"};
  constexpr std::array<std::string_view, 2> ways{"skip", "refuse"};
  Config config;
  config.source = TRY(section.text("name", "influxdb"));
  auto& naming = config.naming;
  if (section.has("entity_tags")) naming.entity_tags = TRY(section.texts("entity_tags"));
  if (section.has("name_tags")) naming.name_tags = TRY(section.texts("name_tags"));
  const auto meaning = TRY(section.choice("value_is", "measurement", meanings));
  naming.value_is_measurement = meaning == "measurement";
  const auto way = TRY(section.choice("texts", "skip", ways));
  config.skips_texts = way == "skip";
  config.patience = TRY(section.duration("patience", std::chrono::seconds(10)));
  return std::make_unique<InfluxEndpoint>(std::move(config));
}

}  // namespace

void register_connectors_influxdb(Catalog& catalog);
void register_connectors_influxdb(Catalog& catalog) {
  catalog.add<Endpoint>("influxdb", make);
  catalog.add<Sink>("influxdb", influxdb::make_sink);
}

}  // namespace sosie
