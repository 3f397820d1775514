#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::int64_t usual_score_hours = 24;
constexpr std::int64_t max_score_hours = std::int64_t{24} * 366 * 10;

void write_kind(json::Writer& out, const KindScore& kind) {
  out.begin_object();
  out.member("kind", to_text(kind.kind));
  out.key("kind_name");
  write(out, name_of(kind.kind));
  out.member("labels", kind.labels);
  out.member("found", kind.found);
  out.member("named_right", kind.named_right);
  out.member("findings", kind.findings);
  out.member("recall", kind.recall);
  out.member("precision", kind.precision);
  out.member("median_delay_s", kind.median_delay_s);
  out.end_object();
}

void write_floor(json::Writer& out, const Floor& floor) {
  out.begin_object();
  out.member("name", floor.name);
  out.member("recall", floor.figures.recall);
  out.member("precision", floor.figures.precision);
  out.member("row_accuracy", floor.figures.row_accuracy);
  out.member("false_per_day", floor.figures.false_per_day);
  out.end_object();
}

Result<std::string> describe_scores(const Api& api, const Request& request) {
  const auto hours = TRY(ask_integer(request, "hours", usual_score_hours, 1, max_score_hours));
  const auto score = TRY(api.figures.scoreboard(static_cast<int>(hours)));
  json::Writer out;
  out.begin_object();
  out.member("known", api.knows_truth());
  out.member("from_ms", to_ms(score.from));
  out.member("to_ms", to_ms(score.to));
  out.member("labels", score.labels);
  out.member("findings", score.findings);
  out.member("true_findings", score.true_findings);
  out.member("found", score.found);
  out.member("recall", score.figures.recall);
  out.member("precision", score.figures.precision);
  out.member("false_per_day", score.figures.false_per_day);
  out.member("median_delay_s", score.figures.median_delay_s);
  out.member("kind_accuracy", score.kind_accuracy);
  out.member("row_accuracy", score.figures.row_accuracy);
  out.key("kinds");
  out.begin_array();
  for (const auto& kind : score.kinds) write_kind(out, kind);
  out.end_array();
  out.key("floors");
  out.begin_array();
  for (const auto& floor : score.floors) write_floor(out, floor);
  out.end_array();
  out.end_object();
  return out.take();
}

void write_false_alarms(json::Writer& out, const ModelCard::FalseAlarms& alarms) {
  out.begin_object();
  out.member("allowed_per_day", alarms.allowed_per_day);
  out.member("least_chance", alarms.least_chance);
  out.member("held_out_found", alarms.found);
  out.member("held_out_told", alarms.told);
  out.member("held_out_episodes", alarms.episodes);
  out.member("held_out_days", alarms.days);
  out.member("per_day", alarms.per_day);
  out.member("low", alarms.low);
  out.member("high", alarms.high);
  out.end_object();
}

void write_model(json::Writer& out, const ModelCard& model) {
  if (!model.trained) return out.value(nullptr);
  out.begin_object();
  out.member("version", model.version);
  out.member("trained_ms", to_ms(model.trained_at));
  out.member("from_ms", to_ms(model.from));
  out.member("to_ms", to_ms(model.to));
  out.member("frames", model.frames);
  out.member("seed", model.seed);
  out.key("detectors");
  out.begin_array();
  for (const auto& name : model.detectors) out.value(name);
  out.end_array();
  out.key("false_alarms");
  if (model.false_alarms) {
    write_false_alarms(out, *model.false_alarms);
  } else {
    out.value(nullptr);
  }
  out.end_object();
}

std::optional<double> quantile(const LatencyHistogram::Snapshot& latency, double q) {
  if (latency.count == 0) return std::nullopt;
  return latency.quantile(q);
}

void write_latency(json::Writer& out, const LatencyHistogram::Snapshot& latency) {
  out.begin_object();
  out.key("buckets_s");
  out.begin_array();
  for (const double bound : LatencyHistogram::bounds_s) out.value(bound);
  out.end_array();
  out.key("counts");
  out.begin_array();
  for (const auto count : latency.counts) out.value(count);
  out.end_array();
  out.member("p50_s", quantile(latency, 0.5));
  out.member("p95_s", quantile(latency, 0.95));
  out.member("p99_s", quantile(latency, 0.99));
  out.member("sum_s", latency.sum_s);
  out.end_object();
}

std::string describe_ai(const Api& api) {
  const auto& engine = api.engine;
  const auto model = engine.model();
  const auto& statistics = engine.statistics();
  const auto explained = statistics.explained.snapshot();
  json::Writer out;
  out.begin_object();
  out.member("trained", model.trained);
  out.member("learning_progress", model.progress);
  out.key("model");
  write_model(out, model);
  out.member("predictions", statistics.predictions.load());
  out.member("findings", statistics.findings_opened.load());
  out.key("latency");
  write_latency(out, statistics.prediction.snapshot());
  out.member("throughput_per_s", api.pulse.predictions_per_s());
  out.member("threshold", engine.scenario().threshold);
  out.member("confidence", engine.scenario().confidence);
  out.key("shap");
  out.begin_object();
  out.member("count", explained.count);
  out.member("p95_s", quantile(explained, 0.95));
  out.end_object();
  out.end_object();
  return out.take();
}

}  // namespace

void add_score_routes(Router& router, Api& api) {
  router.add({"GET", "/api/scoreboard", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_scores(api, request); });
              }});
  router.add({"GET", "/api/ai", Pace::slow, [&api](Request&) {
                return answer_json([&]() -> Result<std::string> { return describe_ai(api); });
              }});
}

}  // namespace sosie::web
