#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/stored.h"
#include "base/time_text.h"
#include "engine/compliance_days.h"
#include "web/compliance_report.h"

namespace sosie::app {
namespace {

struct ComplianceOptions {
  Place place{default_scenario};
  std::string from;
  std::string to;
  std::string html;
  std::string csv;
  std::string lang = "en";
  bool json = false;
};

Result<std::optional<std::chrono::local_days>> read_day(const std::string& text) {
  if (text.empty()) return std::optional<std::chrono::local_days>();
  const auto day = TRY(read_local_day(text));
  return std::optional(day);
}

Result<void> keep_report(const std::string& path, const std::string& text) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "w"), close);
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) {
    return Error{Errc::unavailable, path + ": cannot be written"};
  }
  return {};
}

void print_report(const ComplianceReport& report, const web::ReportHead& head) {
  std::printf("%s, %s, %s to %s: %s\n", head.title.en.c_str(), head.directive.c_str(),
              sosie::to_text(report.from).c_str(), sosie::to_text(report.to).c_str(),
              std::string(sosie::to_text(report.verdict)).c_str());
  for (const auto& of : report.parameters) {
    const auto name = std::string(sosie::to_text(of.parameter));
    if (!of.verdict) {
      std::printf("  %-5s no sample; not measured on %zu days\n", name.c_str(),
                  of.not_measured.size());
      continue;
    }
    const auto& v = *of.verdict;
    const std::string rule = of.limit.annual_mean ? std::string("a year's mean")
                                                  : fmt::format("{} failed, {} allowed, {} gross",
                                                                v.failed, v.allowed, of.gross);
    const std::string removed = v.reduction_pct
                                    ? fmt::format(", {:.1f} % removed (or at least {:g})",
                                                  *v.reduction_pct, of.limit.min_reduction_pct)
                                    : std::string();
    std::printf(
        "  %-5s %3d samples, mean %.3g mg/l (at most %.4g)%s, %s, not measured on %zu days: %s\n",
        name.c_str(), v.taken, v.mean_mg_l, of.limit.concentration_mg_l, removed.c_str(),
        rule.c_str(), of.not_measured.size(), v.ok ? "holds" : "fails");
  }
}

Result<void> report_on(const ComplianceOptions& options) {
  auto scenario = TRY(Section::read_file(options.place.scenario));
  const auto config = TRY(ComplianceConfig::read(scenario));
  if (!config) return Error{Errc::invalid, options.place.scenario + ": has no [compliance]"};
  const auto zone_name = TRY(scenario.text("zone", "UTC"));
  const auto zone = Zone::find(zone_name);
  if (!zone) return scenario.wrong("zone", zone.error().what);
  const auto stored = TRY(Stored::open(options.place));
  auto title = TRY(scenario.table("title"));
  web::ReportHead head{.title = {},
                       .population_equivalent = config->population_equivalent,
                       .directive = std::string(sosie::to_text(config->directive)),
                       .zone = zone_name,
                       .made = SystemClock().now()};
  head.title.en = TRY(title.text("en", stored.name));
  head.title.fr = TRY(title.text("fr", head.title.en));
  const auto stats = TRY(stored.store->stats());
  ReportQuestion question{.from = {}, .to = {}, .now = stats.newest.value_or(head.made)};
  question.from = TRY(read_day(options.from));
  question.to = TRY(read_day(options.to));
  const auto report = TRY(stored_report(*stored.store, *stored.series, *config, *zone, question));
  if (!options.html.empty()) {
    TRY(keep_report(options.html, web::report_html(report, head, options.lang)));
  }
  if (!options.csv.empty()) {
    TRY(keep_report(options.csv, web::report_csv(report)));
  }
  if (options.json) {
    std::printf("%s\n", web::report_json(report, head).c_str());
  } else {
    print_report(report, head);
  }
  return {};
}

}  // namespace

void add_compliance(Program& program) {
  // shared: CLI11's callback outlives this function
  const auto options = std::make_shared<ComplianceOptions>();
  auto* command = program.cli.add_subcommand(
      "compliance", "Judges the stored effluent of a period by the directive");
  command->add_option("SCENARIO", options->place.scenario, "whose plant")->capture_default_str();
  command->add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  command->add_option("--from", options->from, "first day, as 2026-01-01; default: a year, or all");
  command->add_option("--to", options->to, "last day; default: the newest reading's");
  command->add_option("--html", options->html, "write the report here, to be read and printed");
  command->add_option("--csv", options->csv, "write each parameter and each day here");
  command->add_option("--lang", options->lang, "of the HTML")
      ->check(CLI::IsMember({"en", "fr"}))
      ->capture_default_str();
  command->add_flag("--json", options->json, "as GET /api/compliance/report answers");
  command->footer(
      "Example:\n  sosie compliance --from 2026-01-01 --to 2026-12-31 --html 2026.html");
  command->callback([&program, options] {
    program.run = [options] {
      const auto done = report_on(*options);
      return done ? Exit::done : fail(done.error());
    };
  });
}

}  // namespace sosie::app
