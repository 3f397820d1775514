#include <algorithm>
#include <map>

#include "base/process.h"
#include "base/text.h"
#include "engine/model_desk.h"
#include "web/api.h"
#include "web/exposition.h"
#include "web/ngsi_twin.h"

namespace sosie::web {
namespace {

constexpr int score_hours = 24;
constexpr int compliance_days = 365;
constexpr std::size_t most_sensors =
    10'000;  ///< a scrape of more would cost more than the readings

/// The latest value of each sensor, a family a quantity: station_traffeyere_ph_current.
void write_sensors(Exposition& out, const Engine& engine, const SeriesTable& table,
                   const std::string& station) {
  if (table.size() > most_sensors) return;
  std::map<std::string, std::vector<SeriesId>> by_quantity;
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    by_quantity[slug(table[SeriesId{i}].attribute)].push_back(SeriesId{i});
  }
  for (const auto& [quantity, ids] : by_quantity) {
    const auto& first = table[ids.front()];
    const auto& words = first.quantity.en.empty() ? first.attribute : first.quantity.en;
    out.family(fmt::format("{}_{}_current", station, quantity), "gauge",
               fmt::format("Latest value of {}, {}", words, first.unit));
    for (const auto id : ids) {
      const auto reading = engine.latest().read(id);
      if (!reading) continue;
      const auto& info = table[id];
      out.sample(
          reading->value,
          {{"sensor_id", info.entity}, {"process_stage", info.stage}, {"location", info.location}});
    }
  }
}

// None where nothing is measured, or the scenario asks for none of it.

std::optional<double> compliance_score(Figures& figures) {
  const auto report = figures.compliance(compliance_days);
  if (!report) return std::nullopt;
  const auto& found = *report;
  return found ? found->score : std::nullopt;
}

std::optional<double> treatment_efficiency(Figures& figures) {
  const auto efficiency = figures.efficiency(score_hours);
  if (!efficiency) return std::nullopt;
  const auto& found = *efficiency;
  return found ? found->overall_percent : std::nullopt;
}

std::optional<double> model_accuracy(Api& api) {
  if (!api.knows_truth()) return std::nullopt;
  const auto score = api.figures.scoreboard(score_hours);
  if (!score) return std::nullopt;
  return (*score).figures.sample_accuracy;
}

void write_plant(Exposition& out, Api& api, const std::string& station) {
  auto& engine = api.engine;
  const auto sensors = engine.series().count_of_asset(engine.scenario().asset);
  out.family(station + "_total_sensors", "gauge", "Sensors of the plant");
  out.sample(static_cast<double>(sensors));
  if (const auto next = engine.store().next_finding_id()) {
    out.family(station + "_anomalies_total", "counter", "Findings since the store was made");
    out.sample(static_cast<double>(*next) - 1);
  }
  out.family(station + "_compliance_score", "gauge",
             "DERU (91/271/EEC), 0 to 100, the worst parameter over a year");
  if (const auto score = compliance_score(api.figures)) out.sample(*score);
  out.family(station + "_treatment_efficiency_percent", "gauge",
             "Mean removal of BOD5, COD, TSS, TN and TP over 24 hours");
  if (const auto percent = treatment_efficiency(api.figures)) out.sample(*percent);
}

void write_ai(Exposition& out, Api& api) {
  const auto& statistics = api.engine.statistics();
  out.histogram("edge_ai_prediction_latency_seconds",
                "One look at all sensors: every detector and the diagnosis",
                statistics.prediction.snapshot());
  out.family("edge_ai_anomalies_detected_total", "counter", "Findings opened since the start");
  out.sample(static_cast<double>(statistics.findings_opened.load()));
  out.family("edge_ai_predictions_total", "counter", "Looks at all sensors since the start");
  out.sample(static_cast<double>(statistics.predictions.load()));
  out.family("edge_ai_model_accuracy", "gauge",
             "Share of sensor-time of 24 hours whose state, faulty or not, is said rightly");
  if (const auto accuracy = model_accuracy(api)) out.sample(*accuracy);
  out.family("edge_ai_throughput_per_second", "gauge",
             "Looks a second of wall time, over the last ten seconds");
  out.sample(api.pulse.predictions_per_s());
}

void counter(Exposition& out, std::string_view name, std::string_view help, double value) {
  out.family(name, "counter", help);
  out.sample(value);
}

void gauge(Exposition& out, std::string_view name, std::string_view help, double value) {
  out.family(name, "gauge", help);
  out.sample(value);
}

void write_counters(Exposition& out, const Statistics& s) {
  const auto count = [](const std::atomic<std::uint64_t>& n) {
    return static_cast<double>(n.load());
  };
  counter(out, "sosie_readings_total", "Readings taken", count(s.readings_taken));
  counter(out, "sosie_readings_refused_total", "Readings put in quarantine",
          count(s.readings_refused));
  counter(out, "sosie_readings_late_total", "Readings that came after younger ones",
          count(s.readings_late));
  counter(out, "sosie_readings_again_total",
          "Readings of an instant of which there was one already", count(s.readings_again));
  counter(out, "sosie_readings_skewed_total", "Readings from the future", count(s.readings_skewed));
  counter(out, "sosie_frames_total", "Frames closed", count(s.frames));
  counter(out, "sosie_symptoms_total", "Symptoms that detectors reported", count(s.symptoms));
  counter(out, "sosie_alarms_raised_total", "Alarms raised", count(s.alarms_raised));
  counter(out, "sosie_rule_checks_total", "Readings judged by a rule", count(s.rules_judged));
  counter(out, "sosie_rule_checks_late_total", "Of these, put in order behind younger ones",
          count(s.rules_late));
  counter(out, "sosie_rule_checks_too_late_total", "Of these, too late to judge anything",
          count(s.rules_too_late));
  counter(out, "sosie_rule_episodes_total", "Episodes in which a rule was broken",
          count(s.episodes_opened));
  counter(out, "sosie_rule_episodes_amended_total", "Episodes that late readings changed",
          count(s.episodes_amended));
  counter(out, "sosie_rule_episodes_withdrawn_total", "Episodes that late readings took back",
          count(s.episodes_withdrawn));
  counter(out, "sosie_commits_total", "Transactions on disk", count(s.commits));
  counter(out, "sosie_commit_failures_total", "Transactions that failed and were tried again",
          count(s.commit_failures));
  counter(out, "sosie_lane_cpu_seconds_total", "CPU time of the lane's thread",
          s.lane_cpu_s.load());
  counter(out, "sosie_journal_cpu_seconds_total", "CPU time of the journal's thread",
          s.journal_cpu_s.load());
  out.family("sosie_findings_total", "counter", "Findings by the kind they opened with");
  for (std::size_t i = 0; i < kind_count; ++i) {
    out.sample(count(s.findings_by_kind.at(i)), {{"kind", to_text(static_cast<Kind>(i))}});
  }
  out.histogram("sosie_explanation_latency_seconds", "Looks in which something was explained",
                s.explained.snapshot());
  out.histogram("sosie_commit_latency_seconds", "One transaction", s.commit.snapshot());
}

void write_alarms(Exposition& out, Engine& engine) {
  const auto counts = engine.alarm_counts();
  out.family("sosie_alarms", "gauge", "Live alarms");
  for (const auto priority :
       {Priority::critical, Priority::high, Priority::medium, Priority::low}) {
    const auto& of = counts.of(priority);
    out.sample(of.unacknowledged, {{"priority", to_text(priority)}, {"state", "unacknowledged"}});
    out.sample(of.acknowledged, {{"priority", to_text(priority)}, {"state", "acknowledged"}});
  }
  gauge(out, "sosie_alarms_shelved", "Live alarms that somebody shelved", counts.shelved);
  const auto said = engine.cases().all();
  out.family("sosie_findings_answered", "gauge", "Findings that people called right or wrong");
  out.sample(static_cast<double>(said.right), {{"answer", "right"}});
  out.sample(static_cast<double>(said.wrong), {{"answer", "wrong"}});
  gauge(out, "sosie_findings_open", "Findings that are not over",
        static_cast<double>(engine.open_findings()));
}

/// Which model judges, which is tried beside it, and how many there are.
void write_models(Exposition& out, Engine& engine) {
  const auto registry = engine.models().registry();
  const auto status = engine.models().status();
  const auto* const shadow = registry.shadow();
  gauge(out, "sosie_model_active_version", "The model in use; 0: it is still being learned",
        engine.model().trained ? engine.model().version : 0);
  gauge(out, "sosie_model_shadow_version", "The model on trial; 0: none",
        shadow == nullptr ? 0 : shadow->number);
  out.family("sosie_model_versions", "gauge", "Models by what is done with them");
  for (const auto state : {models::State::active, models::State::shadow, models::State::retired}) {
    const auto count = std::ranges::count(registry.versions(), state, &models::Version::state);
    out.sample(static_cast<double>(count), {{"state", to_text(state)}});
  }
  gauge(out, "sosie_model_training", "1 while a new model is being learned",
        status.is_training ? 1 : 0);
  gauge(out, "sosie_model_sensors_moved",
        "Sensors that were outside of their ordinary bands most of the time lately",
        static_cast<double>(status.moved.size()));
  out.family("sosie_model_trial_error_ratio", "gauge",
             "Prediction error of the model on trial over the active one's");
  if (shadow != nullptr && shadow->trial && shadow->trial->error_ratio > 0) {
    out.sample(shadow->trial->error_ratio);
  }
}

/// What became of readings in the scenario's operators.
void write_operators(Exposition& out, const std::vector<OperatorStatus>& operators) {
  out.family("sosie_operator_readings_total", "counter", "Readings of operators, by what became");
  for (const auto& [name, kind, counts, strays] : operators) {
    const auto say = [&](std::string_view what, std::uint64_t count) {
      out.sample(static_cast<double>(count), {{"operator", name}, {"what", what}});
    };
    say("taken", counts.taken);
    say("given", counts.given);
    say("amended", counts.amended);
    say("too_late", counts.too_late);
    say("bad", counts.bad);
    say("outside", counts.outside);
    say("swapped", counts.swapped);
    say("nowhere", counts.nowhere);
  }
}

void write_zones(Exposition& out, const places::ZoneSets& zones) {
  out.family("sosie_zones_left_out", "gauge", "Zones of a scenario's files that cannot be one");
  for (const auto& set : zones) {
    out.sample(static_cast<double>(set->left_out().size()), {{"zones", set->name()}});
  }
}

/// Of those that read from a broker which knows what waits for them.
void write_lags(Exposition& out, const std::vector<SourceStatus>& sources) {
  out.family("sosie_source_lag", "gauge", "Messages at the broker that were not read yet");
  for (const auto& source : sources) {
    if (!source.lag) continue;
    out.sample(static_cast<double>(*source.lag), {{"source", source.name}, {"kind", source.kind}});
  }
  out.family("sosie_source_dead_letters_total", "counter", "Messages sent back with their reason");
  for (const auto& source : sources) {
    if (!source.lag && source.dead_letters == 0) continue;
    out.sample(static_cast<double>(source.dead_letters),
               {{"source", source.name}, {"kind", source.kind}});
  }
}

void write_neighbours(Exposition& out, const Engine& engine) {
  const auto queues = engine.queues();
  out.family("sosie_queue_size", "gauge", "Batches waiting");
  for (const auto& queue : queues) {
    out.sample(static_cast<double>(queue.size), {{"queue", queue.name}});
  }
  out.family("sosie_queue_capacity", "gauge", "Batches that may wait before sources do");
  for (const auto& queue : queues) {
    out.sample(static_cast<double>(queue.capacity), {{"queue", queue.name}});
  }
  const auto sources = engine.sources();
  out.family("sosie_source_up", "gauge", "0 while a source waits to be tried again");
  for (const auto& source : sources) {
    out.sample(source.state == "waiting" ? 0 : 1, {{"source", source.name}, {"kind", source.kind}});
  }
  out.family("sosie_source_readings_total", "counter", "Readings taken of a source");
  for (const auto& source : sources) {
    out.sample(static_cast<double>(source.readings),
               {{"source", source.name}, {"kind", source.kind}});
  }
  const auto each = [&](std::string_view name, std::string_view help,
                        std::uint64_t SourceStatus::* figure) {
    out.family(name, "counter", help);
    for (const auto& source : sources) {
      out.sample(static_cast<double>(source.*figure),
                 {{"source", source.name}, {"kind", source.kind}});
    }
  };
  each("sosie_source_refused_total", "Of a source, what was put in quarantine",
       &SourceStatus::refused);
  each("sosie_source_trouble_total", "Times a source could not go on, and tried again",
       &SourceStatus::troubles);
  each("sosie_source_contested_total", "Messages that showed that one series has two senders",
       &SourceStatus::contested);
  write_lags(out, sources);
  write_operators(out, engine.operators());
  write_zones(out, engine.zones());
  out.family("sosie_notifier_lag", "gauge", "Steps of alarms not told yet");
  for (const auto& notifier : engine.notifiers()) {
    out.sample(static_cast<double>(notifier.lag), {{"notifier", notifier.name}});
  }
}

void write_sinks(Exposition& out, const Engine& engine) {
  const auto sinks = engine.sinks();
  out.family("sosie_sink_up", "gauge", "0 while a sink waits to be tried again");
  for (const auto& sink : sinks) {
    if (sink.state == "off") continue;
    out.sample(sink.state == "waiting" ? 0 : 1, {{"sink", sink.name}, {"kind", sink.kind}});
  }
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help,
                        std::uint64_t SinkStatus::* figure) {
    out.family(name, type, help);
    for (const auto& sink : sinks) {
      out.sample(static_cast<double>(sink.*figure), {{"sink", sink.name}, {"kind", sink.kind}});
    }
  };
  each("sosie_sink_lag", "gauge", "Readings committed that a sink has not taken yet",
       &SinkStatus::lag);
  each("sosie_sink_sent_total", "counter", "Readings and steps of alarms that a sink took",
       &SinkStatus::sent);
  each("sosie_sink_refused_total", "counter", "Of these, what it refused for good",
       &SinkStatus::refused);
}

void write_received(Exposition& out, const AlertDesk& desk) {
  if (!desk.is_open()) return;
  const auto figures = desk.figures();
  counter(out, "sosie_alerts_received_total", "Alerts that others sent, repeated ones included",
          static_cast<double>(figures.received));
  counter(out, "sosie_alerts_refused_total", "Bodies in which no alert was understood",
          static_cast<double>(figures.refused));
  gauge(out, "sosie_alerts_open", "Received alerts that are not over",
        static_cast<double>(figures.open));
  const auto couriers = desk.couriers();
  out.family("sosie_alerts_told_total", "counter", "Steps of received alerts passed on");
  for (const auto& courier : couriers) {
    out.sample(static_cast<double>(courier.told), {{"notifier", courier.name}});
  }
  out.family("sosie_alerts_waiting", "gauge", "Steps of received alerts not passed on yet");
  for (const auto& courier : couriers) {
    out.sample(static_cast<double>(courier.waiting), {{"notifier", courier.name}});
  }
}

/// The budget of false alarms, and what was false in the rehearsal that it is kept by.
void write_budget(Exposition& out, const ModelCard& model) {
  const auto& alarms = model.false_alarms;
  out.family("sosie_false_alarms_allowed_per_day", "gauge",
             "What [detection] allows, for the whole plant");
  if (alarms) out.sample(alarms->allowed_per_day);
  out.family(
      "sosie_false_alarms_held_out_per_day", "gauge",
      "Told in the rehearsal, and without a cause by what they show, with exact 95 % limits");
  if (!alarms) return;
  out.sample(alarms->per_day, {{"bound", "seen"}});
  out.sample(alarms->low, {{"bound", "low"}});
  out.sample(alarms->high, {{"bound", "high"}});
}

void write_process(Exposition& out, Api& api) {
  auto& engine = api.engine;
  const auto now = engine.clock().now();
  const std::int64_t newest_us = engine.statistics().newest_us;
  if (newest_us != 0) {
    const std::chrono::duration<double> age = now - Timestamp(Duration(newest_us));
    gauge(out, "sosie_data_age_seconds", "Age of the youngest reading, by the scenario's clock",
          age.count());
  }
  gauge(out, "sosie_store_bytes", "Size of the store", static_cast<double>(engine.store().bytes()));
  gauge(out, "sosie_healthy", "1 while nothing is wrong with Sosie itself",
        engine.health() == "ok" ? 1 : 0);
  const auto model = engine.model();
  gauge(out, "sosie_learning_progress", "Of the learning period, 0 to 1", model.progress);
  write_budget(out, model);
  gauge(out, "sosie_pages_open", "Pages that are told what changes",
        static_cast<double>(api.feed.pages()));
  gauge(out, "sosie_resident_memory_bytes", "Memory in RAM", static_cast<double>(resident_bytes()));
  counter(out, "sosie_cpu_seconds_total", "CPU time of all threads", process_cpu_s());
  const std::chrono::duration<double> uptime = SystemClock().now() - api.started;
  gauge(out, "sosie_uptime_seconds", "Since the start", uptime.count());
  out.family("sosie_build_info", "gauge", "Which Sosie this is");
  out.sample(1, {{"version", api.version}, {"scenario", engine.scenario().name}});
}

std::string write_metrics(Api& api) {
  const auto station = "station_" + slug(api.engine.scenario().name);
  Exposition out;
  write_sensors(out, api.engine, api.engine.series(), station);
  write_plant(out, api, station);
  write_ai(out, api);
  write_counters(out, api.engine.statistics());
  write_alarms(out, api.engine);
  write_models(out, api.engine);
  write_neighbours(out, api.engine);
  write_sinks(out, api.engine);
  write_received(out, api.alerts);
  write_process(out, api);
  if (api.twin != nullptr) api.twin->write_metrics(out);
  return out.take();
}

}  // namespace

void add_metrics_routes(Router& router, Api& api) {
  router.add({"GET", "/metrics", Pace::slow, [&api](Request&) {
                return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                .body = write_metrics(api)};
              }});
}

}  // namespace sosie::web
