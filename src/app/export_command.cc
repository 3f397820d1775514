#include <algorithm>
#include <cstdio>
#include <functional>
#include <iterator>
#include <memory>
#include <set>

#include "app/commands.h"
#include "app/stored.h"
#include "base/time_text.h"
#include "evaluation/score.h"
#include "wire/csv/writer.h"
#include "wire/json/writer.h"

namespace sosie::app {
namespace {

struct ExportOptions {
  Place place{default_scenario};
  std::string what = "readings";
  std::string format = "csv";
  std::string from;
  std::string to;
  std::vector<std::string> series;
  std::string output;
};

/// A row goes out as it comes: CSV with a head, or JSON lines.
class Rows {
 public:
  Rows(std::FILE* file, bool as_json, std::vector<std::string> columns)
      : file_(file), as_json_(as_json), columns_(std::move(columns)) {
    if (!as_json_) put(columns_);
  }

  void row(const std::vector<Cell>& cells) {
    if (as_json_) {
      put_json(cells);
      return;
    }
    std::vector<std::string> texts;
    texts.reserve(cells.size());
    for (const Cell& cell : cells) texts.push_back(text_of(cell));
    put(texts);
  }

 private:
  static std::string text_of(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    if (const auto* number = std::get_if<double>(&cell)) return fmt::to_string(*number);
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) return fmt::to_string(*integer);
    return {};
  }
  void put(const std::vector<std::string>& texts) {
    std::string line;
    const std::vector<std::string_view> fields(texts.begin(), texts.end());
    csv::append_record(line, fields);
    std::fwrite(line.data(), 1, line.size(), file_);
  }
  void put_json(const std::vector<Cell>& cells) {
    json::Writer out;
    out.begin_object();
    std::size_t i = 0;
    for (const Cell& cell : cells) {
      out.key(columns_[i++]);
      if (const auto* text = std::get_if<std::string>(&cell)) {
        out.value(*text);
      } else if (const auto* number = std::get_if<double>(&cell)) {
        out.value(*number);
      } else if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        out.value(*integer);
      } else {
        out.value(nullptr);
      }
    }
    out.end_object();
    std::fprintf(file_, "%s\n", out.text().c_str());
  }

  std::FILE* file_;
  bool as_json_;
  std::vector<std::string> columns_;
};

Cell time_or_none(const std::optional<Timestamp>& at) {
  return at ? Cell(to_iso8601(*at)) : Cell();
}

Result<void> export_readings(const Stored& stored, const ExportOptions& options, Span span,
                             std::FILE* file) {
  std::vector<SeriesId> ids;
  for (const auto& name : options.series) {
    const auto id = stored.series->find_name(name);
    if (!id) return Error{Errc::not_found, fmt::format("no series '{}' is stored", name)};
    ids.push_back(*id);
  }
  for (std::uint32_t i = 0; options.series.empty() && i < stored.series->size(); ++i) {
    ids.push_back(SeriesId{i});
  }
  Rows rows(file, options.format == "json",
            {"time", "entity", "attribute", "value", "unit", "quality", "reason"});
  return stored.store->scan(ids, span.from, span.to, [&](std::span<const Reading> readings) {
    for (const Reading& r : readings) {
      const SeriesInfo& info = (*stored.series)[r.series];
      rows.row({to_iso8601(r.at), info.entity, info.attribute, r.value, info.unit,
                std::string(to_text(r.quality)), std::string(to_text(r.reason))});
    }
    return std::ferror(file) == 0;
  });
}

Result<void> export_findings(const Stored& stored, const ExportOptions& options, Span span,
                             std::FILE* file) {
  FindingQuery query;
  query.from = span.from;
  query.to = span.to;
  query.limit = 1'000'000;
  const auto page = TRY(stored.store->findings(query));
  Rows rows(file, options.format == "json",
            {"id", "kind", "second", "score", "confidence", "onset", "detected", "closed",
             "first_suspect", "share", "value", "expected", "sentence_en", "sentence_fr"});
  for (const Finding& f : page.findings) {
    const Suspect* first = f.suspects.empty() ? nullptr : &f.suspects.front();
    rows.row({static_cast<std::int64_t>(f.id), std::string(to_text(f.kind)),
              f.second ? Cell(std::string(to_text(*f.second))) : Cell(), f.score, f.confidence,
              to_iso8601(f.onset), to_iso8601(f.detected), time_or_none(f.closed),
              first ? Cell((*stored.series)[first->series].name()) : Cell(),
              first ? Cell(first->share) : Cell(), first ? Cell(first->value) : Cell(),
              first ? Cell(first->expected) : Cell(), f.sentence.en, f.sentence.fr});
  }
  return {};
}

Result<void> export_alarms(const Stored& stored, const ExportOptions& options, Span span,
                           std::FILE* file) {
  const auto events = TRY(stored.store->alarm_log(span.from, span.to, 1'000'000));
  Rows rows(file, options.format == "json",
            {"at", "what", "who", "comment", "alarm", "condition", "priority", "message_en",
             "message_fr"});
  for (const AlarmEvent& e : events) {
    rows.row({to_iso8601(e.at), std::string(to_text(e.what)), e.who, e.comment,
              static_cast<std::int64_t>(e.alarm.id), e.alarm.condition,
              std::string(to_text(e.alarm.priority)), e.alarm.message.en, e.alarm.message.fr});
  }
  return {};
}

Result<void> export_labels(const Stored& stored, const ExportOptions& options, Span span,
                           std::FILE* file) {
  const auto labels = TRY(stored.store->labels(span.from, span.to));
  Rows rows(file, options.format == "json",
            {"id", "kind", "scenario", "start", "end", "over", "size", "direct", "text_en"});
  for (const Label& l : labels) {
    std::string direct;
    for (const auto& name : l.direct) direct += (direct.empty() ? "" : " ") + name;
    rows.row({static_cast<std::int64_t>(l.id), std::string(to_text(l.kind)), l.scenario,
              to_iso8601(l.start), to_iso8601(l.end), static_cast<std::int64_t>(l.over), l.size,
              direct, l.text.en});
  }
  return {};
}

using Row = std::vector<Cell>;

/// Of an event that nothing labels, as many empty cells.
Row cells_of(const Label* label) {
  if (label == nullptr) return Row(5);
  return {static_cast<std::int64_t>(label->id), std::string(to_text(label->kind)), label->scenario,
          to_iso8601(label->start), to_iso8601(label->end)};
}

/// The same of a finding, with how long after the label's start it came.
Row cells_of(const Finding* finding, const Label* label) {
  if (finding == nullptr) return Row(5);
  Cell delay_s;
  if (label != nullptr) {
    const Duration delay = std::max(finding->detected - label->start, Duration{});
    delay_s = std::chrono::duration<double>(delay).count();
  }
  return {static_cast<std::int64_t>(finding->id), std::string(to_text(finding->kind)),
          to_iso8601(finding->detected), delay_s, finding->confidence};
}

/// Each labelled event with the first finding that belongs to it, then what was found beside them.
Result<void> export_results(const Stored& stored, const ExportOptions& options, Span span,
                            std::FILE* file) {
  FindingQuery query;
  query.from = span.from;
  query.to = span.to;
  query.limit = 1'000'000;
  auto page = TRY(stored.store->findings(query));
  auto& findings = page.findings;
  std::ranges::sort(findings, {}, &Finding::detected);
  ScoreOptions held;
  held.series = stored.series.get();
  Rows rows(file, options.format == "json",
            {"label", "kind", "fault", "start", "end", "found", "finding", "said", "detected",
             "delay_s", "confidence"});
  const auto row = [&](const Label* label, const Finding* finding) {
    Row cells = cells_of(label);
    cells.emplace_back(static_cast<std::int64_t>(label != nullptr && finding != nullptr ? 1 : 0));
    std::ranges::move(cells_of(finding, label), std::back_inserter(cells));
    rows.row(cells);
  };
  std::set<std::uint64_t> of_a_label;
  const auto labels = TRY(stored.store->labels(span.from, span.to));
  for (const Label& label : labels) {
    const Finding* first = nullptr;
    for (const Finding& finding : findings) {
      if (!belongs(finding, label, held)) continue;
      of_a_label.insert(finding.id);
      if (first == nullptr) first = &finding;
    }
    row(&label, first);
  }
  for (const Finding& finding : findings) {
    if (!of_a_label.contains(finding.id)) row(nullptr, &finding);
  }
  return {};
}

Result<void> export_to(const ExportOptions& options, std::FILE* file) {
  const auto stored = TRY(Stored::open(options.place));
  const auto span = TRY(read_span(options.from, options.to, *stored.store));
  if (options.what == "readings") return export_readings(stored, options, span, file);
  if (options.what == "findings") return export_findings(stored, options, span, file);
  if (options.what == "results") return export_results(stored, options, span, file);
  if (options.what == "alarms") return export_alarms(stored, options, span, file);
  return export_labels(stored, options, span, file);
}

int run(const ExportOptions& options) {
  const auto close = [](std::FILE* file) { return file == stdout ? 0 : std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(
      options.output.empty() ? stdout : std::fopen(options.output.c_str(), "w"), close);
  if (file == nullptr) {
    return fail(Error{Errc::unavailable, options.output + ": cannot be written"});
  }
  auto done = export_to(options, file.get());
  const bool written = std::fflush(file.get()) == 0 && std::ferror(file.get()) == 0;
  if (done && !written) {
    done = Error{Errc::unavailable, "what was exported could not be written in full"};
  }
  return done ? static_cast<int>(Exit::done) : fail(done.error());
}

}  // namespace

void add_export(Program& program) {
  const auto options =
      std::make_shared<ExportOptions>();  // shared: CLI11's callback outlives this function
  auto* command =
      program.cli.add_subcommand("export", "Writes what is stored as CSV or JSON lines");
  command
      ->add_option("WHAT", options->what,
                   "readings, findings, alarms, labels, or results (labels with what found them)")
      ->check(CLI::IsMember({"readings", "findings", "alarms", "labels", "results"}))
      ->capture_default_str();
  command->add_option("--scenario", options->place.scenario, "whose data")->capture_default_str();
  command->add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  command->add_option("--format", options->format, "csv or json (a line a row)")
      ->check(CLI::IsMember({"csv", "json"}))
      ->capture_default_str();
  command->add_option("--from", options->from, "since when, as 2026-11-01 or 24h; default: all");
  command->add_option("--to", options->to, "until when");
  command->add_option("--series", options->series, "only these (readings)");
  command->add_option("-o,--output", options->output, "a file instead of the screen");
  command->footer(
      "Examples:\n"
      "  sosie export readings --series AIT-306-DO --from 24h -o oxygen.csv\n"
      "  sosie export findings --format json");
  command->callback([&program, options] { program.run = [options] { return run(*options); }; });
}

}  // namespace sosie::app
