#include "web/compliance_report.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/html.h"
#include "base/time_text.h"
#include "engine/compliance_days.h"
#include "web/compliance_texts.h"
#include "web/describe.h"
#include "wire/csv/writer.h"
#include "wire/json/writer.h"

namespace sosie::web {
namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light}
body{font:14px/1.45 system-ui,"Liberation Sans","DejaVu Sans",sans-serif;color:#1c252c;background:#fff;
max-width:78rem;margin:1.5rem auto;padding:0 1rem;font-variant-numeric:tabular-nums}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:1.6rem 0 .5rem}
header{display:flex;justify-content:space-between;align-items:start;gap:1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.8rem 0}
dt{color:#525d66}dd{margin:0}
.box{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{padding:.25rem .5rem;border-bottom:1px solid #c6cbd0;text-align:left;vertical-align:top}
thead th{border-bottom:2px solid #1c252c}.n{text-align:right}td.n,tbody th{white-space:nowrap}
.wrap{white-space:normal!important}
.fails{font-weight:700}.fails::before{content:"✕ "}.holds::before{content:"✓ "}
.quiet{color:#525d66}.verdict{font-size:1.2rem;font-weight:700}
button{font:inherit;padding:.4rem 1.2rem;border:1px solid #1c252c;border-radius:5px;background:#1c252c;
color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #0a58a6;outline-offset:2px}
@page{size:A4 landscape;margin:12mm}
@media print{button{display:none}body{margin:0;max-width:none;font-size:8.5pt}th,td{padding:.2rem .3rem}
.box{overflow:visible}thead{display:table-header-group}tr{break-inside:avoid}h2{break-after:avoid}}
)";

// Its hash is in report_policy(): a change here needs a new one.
constexpr std::string_view script =
    R"(document.getElementById("print").addEventListener("click",()=>window.print());)";

/// Three digits, with the language's point.
std::string figure(double value, const ReportTexts& t) {
  auto text = fmt::format("{:.3g}", value);
  if (std::abs(value) >= 1000) text = fmt::format("{:.0f}", value);
  if (t.lang == "fr") std::ranges::replace(text, '.', ',');
  return text;
}

/// 125000 as "125,000", in French "125 000".
std::string grouped(double value, const ReportTexts& t) {
  auto text = fmt::format("{:.0f}", value);
  constexpr std::size_t group = 3;
  for (std::size_t at = text.size(); at > group;) {
    at -= group;
    text.insert(at, t.lang == "fr" ? "&nbsp;" : ",");
  }
  return text;
}

std::string percent(const std::optional<double>& value, const ReportTexts& t) {
  return value ? figure(*value, t) + " %" : std::string("–");
}

std::string name_of(Parameter parameter, const ReportTexts& t) {
  if (t.lang != "fr") return std::string(to_text(parameter));
  switch (parameter) {
    case Parameter::bod5:
      return "DBO5";
    case Parameter::cod:
      return "DCO";
    case Parameter::tss:
      return "MES";
    case Parameter::tn:
      return "NGL";
    case Parameter::tp:
      return "Pt";
  }
  return "";
}

std::string result_cell(bool ok, const ReportTexts& t) {
  return fmt::format(R"(<span class="{}">{}</span>)", ok ? "holds" : "fails",
                     ok ? t.holds : t.fails);
}

std::string limit_text(const DeruLimit& limit, const ReportTexts& t) {
  return fmt::format("≤&nbsp;{}&nbsp;mg/l<br>{}&nbsp;≥&nbsp;{}&nbsp;%",
                     figure(limit.concentration_mg_l, t), t.or_removed,
                     figure(limit.min_reduction_pct, t));
}

void append_summary_row(std::string& out, const ParameterReport& of, const ReportTexts& t) {
  out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td>", name_of(of.parameter, t),
                     limit_text(of.limit, t));
  if (!of.verdict) {
    out += fmt::format(
        "<td class=\"n\">0</td><td class=\"n\">–</td><td class=\"n\">–</td><td class=\"n\">–</td>"
        "<td class=\"n\">–</td><td class=\"n\">–</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"quiet\">{}</td></tr>\n",
        of.unusual, of.not_measured.size(), t.no_sample);
    return;
  }
  const auto& v = *of.verdict;
  const bool is_mean = of.limit.annual_mean;
  out += fmt::format(
      "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n wrap\">{}</td><td "
      "class=\"n\">{}</td>"
      "<td class=\"n\">{} mg/l</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
      "<td class=\"n\">{}</td><td>{}</td></tr>\n",
      v.taken, is_mean ? std::string("–") : fmt::to_string(v.failed),
      is_mean ? std::string(t.annual) : fmt::to_string(v.allowed),
      is_mean ? std::string("–") : fmt::to_string(of.gross), figure(v.mean_mg_l, t),
      percent(v.reduction_pct, t), of.unusual, of.not_measured.size(), result_cell(v.ok, t));
}

void append_summary(std::string& out, const ComplianceReport& report, const ReportTexts& t) {
  out +=
      fmt::format("<h2>{}</h2>\n<div class=\"box\" tabindex=\"0\"><table><thead><tr>", t.summary);
  for (const auto head : {t.parameter, t.limit}) {
    out += fmt::format("<th scope=\"col\">{}</th>", head);
  }
  for (const auto head :
       {t.taken, t.failed, t.allowed, t.gross, t.mean, t.reduction, t.unusual, t.missing}) {
    out += fmt::format("<th scope=\"col\" class=\"n\">{}</th>", head);
  }
  out += fmt::format("<th scope=\"col\">{}</th></tr></thead><tbody>\n", t.result);
  for (const auto& of : report.parameters) append_summary_row(out, of, t);
  out += "</tbody></table></div>\n";
}

const SampleVerdict* sample_of(const ParameterReport& of, std::chrono::local_days day) {
  if (!of.verdict) return nullptr;
  const auto found = std::ranges::find(of.verdict->days, day, &SampleVerdict::day);
  return found == of.verdict->days.end() ? nullptr : &*found;
}

std::string day_cell(const ParameterReport& of, std::chrono::local_days day, const ReportTexts& t) {
  const auto* sample = sample_of(of, day);
  if (sample == nullptr) {
    const bool is_missing = std::ranges::find(of.not_measured, day) != of.not_measured.end();
    return fmt::format("<td class=\"quiet\">{}</td>", is_missing ? t.not_measured : "–");
  }
  std::string cell = fmt::format("<td>{}", figure(sample->value_mg_l, t));
  if (sample->reduction_pct) {
    cell += fmt::format(" <span class=\"quiet\">({})</span>", percent(sample->reduction_pct, t));
  }
  if (sample->unusual) {
    cell += fmt::format(" <span class=\"quiet\">{}</span>", t.not_counted);
  } else if (!of.limit.annual_mean) {
    cell += " " + result_cell(sample->ok, t);
    if (sample->gross) cell += fmt::format(" <b>{}</b>", t.gross_failure);
  }
  return cell + "</td>";
}

void append_days(std::string& out, const ComplianceReport& report, const ReportTexts& t) {
  out += fmt::format(
      "<h2>{}</h2>\n<div class=\"box\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">{}</th>",
      t.days, t.day);
  for (const auto& of : report.parameters) {
    out += fmt::format("<th scope=\"col\">{} (mg/l)</th>", name_of(of.parameter, t));
  }
  out += "</tr></thead><tbody>\n";
  for (auto day = report.from; day <= report.to; day += std::chrono::days(1)) {
    out += fmt::format("<tr><th scope=\"row\" class=\"n\">{}</th>", to_text(day));
    for (const auto& of : report.parameters) out += day_cell(of, day, t);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
}

std::string_view verdict_text(DeruVerdict verdict, const ReportTexts& t) {
  switch (verdict) {
    case DeruVerdict::compliant:
      return t.compliant;
    case DeruVerdict::not_compliant:
      return t.not_compliant;
    case DeruVerdict::unknown:
      break;
  }
  return t.unknown;
}

/// What the verdict says nothing of.
std::string unmeasured_text(const ComplianceReport& report, const ReportTexts& t) {
  if (report.verdict == DeruVerdict::unknown) return "";
  std::vector<std::string> names;
  for (const auto& of : report.parameters) {
    if (!of.verdict) names.push_back(name_of(of.parameter, t));
  }
  if (names.empty()) return "";
  return fmt::format(" <small>({}{})</small>", t.as_far, fmt::join(names, ", "));
}

std::string directive_text(const ReportHead& head, const ReportTexts& t) {
  if (t.lang == "fr" && head.directive == "91/271/EEC") return "91/271/CEE";
  return head.directive;
}

void append_head(std::string& out, const ComplianceReport& report, const ReportHead& head,
                 const ReportTexts& t) {
  const auto& name = t.lang == "fr" ? head.title.fr : head.title.en;
  out += fmt::format(
      "<!doctype html>\n<html lang=\"{0}\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<title>{1} – {2} {3}</title>\n<style>{4}</style></head>\n<body>\n<header><h1>{1}{6} {2}</h1>"
      "<button type=\"button\" id=\"print\">{5}</button></header>\n",
      t.lang, t.title, html_escaped(name), to_text(report.to), style, t.print, t.colon);
  out += fmt::format(
      "<dl><dt>{}</dt><dd>{} {} {} ({} {})</dd><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{} {}</dd>"
      "<dt>{}</dt><dd>{}</dd><dt>{}</dt><dd class=\"verdict\">{}{}</dd></dl>\n",
      t.period, to_text(report.from), t.to, to_text(report.to), t.days_of, html_escaped(head.zone),
      t.directive, directive_text(head, t), t.size, grouped(head.population_equivalent, t), t.pe,
      t.made, to_iso8601(std::chrono::floor<std::chrono::seconds>(head.made)), t.verdict,
      verdict_text(report.verdict, t), unmeasured_text(report, t));
  if (!report.is_whole_year) out += fmt::format("<p>{}</p>\n", t.part_of_year);
}

}  // namespace

std::string report_html(const ComplianceReport& report, const ReportHead& head,
                        std::string_view language) {
  const ReportTexts& t = language == "fr" ? report_in_french : report_in_english;
  std::string out;
  append_head(out, report, head, t);
  append_summary(out, report, t);
  out += fmt::format("<p class=\"quiet\">{} {}<br>{}<br>{}<br>{}</p>\n", t.asked,
                     report.asked_a_year, t.rule, t.how, t.sources);
  append_days(out, report, t);
  out += fmt::format("<script>{}</script>\n</body></html>\n", script);
  return out;
}

std::string_view report_policy() {
  return "default-src 'none'; style-src 'unsafe-inline'; "
         "script-src 'sha256-2dnxJUotjbYNLY66lESvBvp3pUAl9SrDPStaz/O9qw8='; base-uri 'none'; "
         "form-action 'none'; frame-ancestors 'none'";
}

namespace {

/// One record of the CSV; a cell that says nothing is empty.
class Row {
 public:
  Row(std::string_view kind, Parameter parameter) : cells_{std::string(kind), "", ""} {
    cells_[1] = to_text(parameter);
  }
  Row& day(std::chrono::local_days day) {
    cells_[2] = to_text(day);
    return *this;
  }
  Row& text(std::string_view text) {
    cells_.emplace_back(text);
    return *this;
  }
  Row& number(const std::optional<double>& value) {
    return text(value ? fmt::format("{:.6g}", *value) : std::string());
  }
  Row& none(int cells) {
    for (int i = 0; i < cells; ++i) cells_.emplace_back();
    return *this;
  }
  void to(std::string& out) const {
    const std::vector<std::string_view> fields(cells_.begin(), cells_.end());
    csv::append_record(out, fields);
  }

 private:
  std::vector<std::string> cells_;
};

constexpr std::string_view csv_head =
    "kind,parameter,day,value_mg_l,limit_mg_l,reduction_pct,min_reduction_pct,result,taken,failed,"
    "allowed,gross,unusual,not_measured\r\n";

std::string_view result_of(const SampleVerdict& sample, const DeruLimit& limit) {
  if (sample.unusual) return "not_counted";
  if (limit.annual_mean) return "in_mean";
  if (sample.gross) return "gross";
  return sample.ok ? "holds" : "fails";
}

void append_parameter(std::string& out, const ParameterReport& of) {
  Row row("parameter", of.parameter);
  const auto* v = of.verdict ? &*of.verdict : nullptr;
  row.number(v == nullptr ? std::nullopt : std::optional(v->mean_mg_l))
      .number(of.limit.concentration_mg_l)
      .number(v == nullptr ? std::nullopt : v->reduction_pct)
      .number(of.limit.min_reduction_pct)
      .text(v == nullptr ? "not_measured"
            : v->ok      ? "holds"
                         : "fails")
      .number(v == nullptr ? 0 : v->taken);
  if (v == nullptr || of.limit.annual_mean) {
    row.none(3);
  } else {
    row.number(v->failed).number(v->allowed).number(of.gross);
  }
  row.number(of.unusual).number(static_cast<double>(of.not_measured.size())).to(out);
}

void append_parameter_days(std::string& out, const ParameterReport& of,
                           const ComplianceReport& report) {
  for (auto day = report.from; day <= report.to; day += std::chrono::days(1)) {
    const auto* sample = sample_of(of, day);
    const bool is_missing = std::ranges::find(of.not_measured, day) != of.not_measured.end();
    if (sample == nullptr && !is_missing) continue;
    Row row("day", of.parameter);
    row.day(day)
        .number(sample == nullptr ? std::nullopt : std::optional(sample->value_mg_l))
        .number(of.limit.concentration_mg_l)
        .number(sample == nullptr ? std::nullopt : sample->reduction_pct)
        .number(of.limit.min_reduction_pct)
        .text(sample == nullptr ? "not_measured" : result_of(*sample, of.limit))
        .none(6)
        .to(out);
  }
}

void write_days(json::Writer& out, const ParameterReport& of) {
  out.key("days");
  out.begin_array();
  if (of.verdict) {
    for (const SampleVerdict& day : of.verdict->days) {
      out.begin_object();
      out.member("day", to_text(day.day));
      out.member("value", day.value_mg_l);
      out.member("reduction_pct", day.reduction_pct);
      out.member("result", result_of(day, of.limit));
      out.end_object();
    }
  }
  out.end_array();
  out.key("not_measured");
  out.begin_array();
  for (const auto day : of.not_measured) out.value(to_text(day));
  out.end_array();
}

void write_report_parameter(json::Writer& out, const ParameterReport& of) {
  out.begin_object();
  out.member("parameter", to_text(of.parameter));
  out.member("limit", of.limit.concentration_mg_l);
  out.member("min_reduction_pct", of.limit.min_reduction_pct);
  out.member("annual_mean", of.limit.annual_mean);
  const auto* v = of.verdict ? &*of.verdict : nullptr;
  out.member("taken", v == nullptr ? 0 : v->taken);
  out.member("failed", v == nullptr ? 0 : v->failed);
  out.member("allowed", v == nullptr ? 0 : v->allowed);
  out.member("gross", of.gross);
  out.member("unusual", of.unusual);
  out.key("ok");
  if (v == nullptr) {
    out.value(nullptr);
  } else {
    out.value(v->ok);
  }
  out.member("mean", v == nullptr ? std::nullopt : std::optional(v->mean_mg_l));
  out.member("reduction_pct", v == nullptr ? std::nullopt : v->reduction_pct);
  write_days(out, of);
  out.end_object();
}

}  // namespace

std::string report_csv(const ComplianceReport& report) {
  std::string out(csv_head);
  for (const auto& of : report.parameters) append_parameter(out, of);
  for (const auto& of : report.parameters) append_parameter_days(out, of, report);
  return out;
}

std::string report_json(const ComplianceReport& report, const ReportHead& head) {
  json::Writer out;
  out.begin_object();
  out.key("title");
  write(out, head.title);
  out.member("directive", head.directive);
  out.member("population_equivalent", head.population_equivalent);
  out.member("zone", head.zone);
  out.member("made_ms", to_ms(head.made));
  out.member("from", to_text(report.from));
  out.member("to", to_text(report.to));
  out.member("verdict", to_text(report.verdict));
  out.member("whole_year", report.is_whole_year);
  out.member("samples_asked_a_year", report.asked_a_year);
  out.key("parameters");
  out.begin_array();
  for (const auto& of : report.parameters) write_report_parameter(out, of);
  out.end_array();
  out.end_object();
  return out.take();
}

}  // namespace sosie::web
