#include <algorithm>

#include <fmt/format.h>

#include "app/train_report.h"
#include "base/time_text.h"

namespace sosie::app {
namespace {

std::string cell_of(const TrainReport::Sensor& sensor, std::optional<double> value,
                    double largest) {
  if (!sensor.blind) return "–";
  const auto text = value ? fmt::format("{:.3g}", *value) : fmt::format("> {:.3g}", largest);
  return sensor.unit.empty() ? text : text + " " + sensor.unit;
}

/// Of what is counted in characters, not bytes.
std::string padded(std::string text, std::size_t width) {
  const auto length = static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  if (length < width) text.append(width - length, ' ');
  return text;
}

std::string table_of(const TrainReport& report) {
  std::size_t width = 6;
  for (const auto& sensor : report.sensors) width = std::max(width, sensor.name.size());
  width = std::min<std::size_t>(width, 40);
  auto text = fmt::format("  {} {} {} {} {}\n", padded("sensor", width), padded("known", 6),
                          padded("told by others", 15), padded("least offset", 16), "creeping");
  for (const auto& sensor : report.sensors) {
    const auto& told = sensor.facts.told_by_others;
    const auto creep =
        sensor.blind ? cell_of(sensor, sensor.blind->creep, sensor.blind->largest_creep) : "–";
    const auto offset =
        sensor.blind ? cell_of(sensor, sensor.blind->offset, sensor.blind->largest_offset) : "–";
    text += fmt::format("  {} {} {} {} {}\n", padded(sensor.name, width),
                        padded(fmt::format("{:.0f} %", 100 * sensor.facts.known), 6),
                        padded(told ? fmt::format("{:.0f} %", 100 * *told) : "–", 15),
                        padded(offset, 16), creep);
  }
  return text;
}

void write_blind(json::Writer& out, const std::optional<BlindSpot>& blind) {
  if (!blind) return out.value(nullptr);
  out.begin_object();
  out.member("least_offset", blind->offset);
  out.member("largest_offset_tried", blind->largest_offset);
  out.member("creep_noticed_at", blind->creep);
  out.member("creep_per_day", blind->creep_per_day);
  out.member("largest_creep_tried", blind->largest_creep);
  out.end_object();
}

std::optional<std::string> iso_of(const std::optional<Timestamp>& at) {
  if (!at) return std::nullopt;
  return to_iso8601(*at);
}

void write_jump(json::Writer& out, const std::optional<models::ColumnFacts::Jump>& jump) {
  if (!jump) return out.value(nullptr);
  out.begin_object();
  out.member("at", to_iso8601(jump->at));
  out.member("before", jump->before);
  out.member("after", jump->after);
  out.end_object();
}

void write_sensor(json::Writer& out, const TrainReport::Sensor& sensor) {
  const auto& facts = sensor.facts;
  out.begin_object();
  out.member("name", sensor.name);
  out.member("unit", sensor.unit);
  out.member("known", facts.known);
  out.member("constant", facts.is_constant);
  out.member("same_as", sensor.same_as.empty() ? std::nullopt : std::optional(sensor.same_as));
  out.member("least", facts.least);
  out.member("most", facts.most);
  out.member("spread", facts.spread);
  out.member("joins", iso_of(facts.joins));
  out.member("leaves", iso_of(facts.leaves));
  out.key("jump");
  write_jump(out, facts.jump);
  out.key("level_changed");
  write_jump(out, facts.moved);
  out.member("told_by_others", facts.told_by_others);
  out.key("cannot_see");
  write_blind(out, sensor.blind);
  out.end_object();
}

void write_held_out(json::Writer& out, const std::optional<BlindSpots>& held_out) {
  if (!held_out) return out.value(nullptr);
  out.begin_object();
  out.member("days", held_out->days);
  out.member("findings", held_out->findings);
  out.member("places", held_out->places);
  out.member("offset_lasts_s", seconds_in(held_out->lasts));
  out.member("creep_lasts_s", seconds_in(held_out->creep_lasts));
  out.end_object();
}

}  // namespace

std::string to_text(const TrainReport& report) {
  const auto& card = report.card;
  auto text =
      fmt::format("model {}: {} sensors, {} detectors, {} frames of {:g} s from {} to {}\n",
                  card.version, report.sensors.size(), card.detectors.size(), card.frames,
                  seconds_in(report.frame_period), to_iso8601(card.from), to_iso8601(card.to));
  text += fmt::format("learned from {}: {} rows, one every {:g} s\n", report.input,
                      report.facts.rows, seconds_in(report.facts.period));
  text += fmt::format("kept in {}\n", report.model_file);
  if (report.is_shadow) {
    text += fmt::format(
        "It is a shadow{}: a running program tries it, and it judges if it proves better; at once "
        "by "
        "'sosie models {} --activate {}'\n",
        report.judged_by > 0 ? fmt::format(" beside model {}, which judges", report.judged_by) : "",
        report.scenario, card.version);
  }
  for (const auto& note : report.notes) text += "- " + note + '\n';
  if (!report.suspected.empty()) {
    text += fmt::format("- {} stretches look like faults and were not learned from:\n",
                        report.suspected.size());
    for (std::size_t i = 0; i < std::min(TrainReport::most_listed, report.suspected.size()); ++i) {
      const auto& [sensor, from, to] = report.suspected[i];
      text += fmt::format("    {} from {} to {}\n", sensor, to_iso8601(from), to_iso8601(to));
    }
  }
  if (report.held_out && report.held_out->places > 0) {
    const auto& held = *report.held_out;
    text += fmt::format(
        "What it would notice, measured on the last {:.3g} days, which were held out ({} findings "
        "there as it is):\nan offset that lasts {:.3g} h, and a value that creeps away over {:.3g} "
        "h, each of one sensor; '>': not noticed\n",
        held.days, held.findings, seconds_in(held.lasts) / 3600,
        seconds_in(held.creep_lasts) / 3600);
  }
  text += table_of(report);
  text +=
      "Which kind of cause a finding has is weighed by a model of a wastewater plant: elsewhere it "
      "is a hint (docs/models.md)\n";
  if (report.is_new_scenario) {
    text += fmt::format("A scenario for it was written. Next: sosie run {}\n", report.scenario);
  }
  return text;
}

void write(json::Writer& out, const TrainReport& report) {
  const auto& card = report.card;
  out.begin_object();
  out.member("version", card.version);
  out.member("model", report.model_file);
  out.member("state",
             models::to_text(report.is_shadow ? models::State::shadow : models::State::active));
  out.member("scenario", report.scenario);
  out.member("input", report.input);
  out.member("from", to_iso8601(card.from));
  out.member("to", to_iso8601(card.to));
  out.member("frames", card.frames);
  out.member("rows", report.facts.rows);
  out.member("row_period_s", seconds_in(report.facts.period));
  out.member("frame_period_s", seconds_in(report.frame_period));
  out.member("gaps", report.facts.gaps);
  out.member("seed", card.seed);
  out.key("detectors");
  out.begin_array();
  for (const auto& name : card.detectors) out.value(name);
  out.end_array();
  out.key("unlearned");
  out.begin_array();
  for (const auto& [detector, why] : card.unlearned) out.value(detector);
  out.end_array();
  out.key("notes");
  out.begin_array();
  for (const auto& note : report.notes) out.value(note);
  out.end_array();
  out.key("suspected_faults");
  out.begin_array();
  for (const auto& [sensor, from, to] : report.suspected) {
    out.begin_object();
    out.member("sensor", sensor);
    out.member("from", to_iso8601(from));
    out.member("to", to_iso8601(to));
    out.end_object();
  }
  out.end_array();
  out.key("held_out");
  write_held_out(out, report.held_out);
  out.key("sensors");
  out.begin_array();
  for (const auto& sensor : report.sensors) write_sensor(out, sensor);
  out.end_array();
  out.end_object();
}

}  // namespace sosie::app
