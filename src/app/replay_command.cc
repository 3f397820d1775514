#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "app/commands.h"
#include "app/flag_text.h"
#include "app/score_text.h"
#include "app/service.h"
#include "app/stop_signal.h"
#include "app/survey.h"
#include "base/text.h"
#include "base/time_text.h"

namespace sosie::app {
namespace {

namespace fs = std::filesystem;

struct ReplayOptions {
  std::vector<std::string> files;
  std::string name;
  std::string data = "var";
  std::string time;
  std::string time_format = "iso";
  std::string zone = "UTC";
  std::string delimiter = "auto";
  std::string decimal = ".";
  std::vector<std::string> missing;
  std::vector<std::string> columns;
  std::string entity_column;
  std::string attribute_column;
  std::string value_column;
  std::string label;
  std::string windows;
  std::string learn = "15%";
  std::string period;
  std::string speed = "max";
  int port = 0;
  bool fresh = false;
  bool serve = false;
  bool json = false;
};

std::string toml(std::string_view text) {
  return '"' + json_escaped(text) + '"';  // TOML's basic strings escape as JSON's do
}

std::string toml(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const auto& text : texts) list += (list.size() > 1 ? ", " : "") + toml(text);
  return list + "]";
}

std::string source_text(const ReplayOptions& o) {
  std::vector<std::string> paths;
  paths.reserve(o.files.size());
  for (const auto& file : o.files) paths.push_back(fs::absolute(file).string());
  std::string text = "[[source]]\nkind = \"file\"\n";
  const auto line = [&](std::string_view key, const std::string& value) {
    text += fmt::format("{} = {}\n", key, value);
  };
  line("paths", toml(paths));
  line("time", toml(o.time));
  line("time_format", toml(o.time_format));
  line("zone", toml(o.zone));
  line("delimiter", toml(o.delimiter));
  line("decimal", toml(o.decimal));
  if (!o.missing.empty()) line("missing", toml(o.missing));
  line("speed", o.speed == "max" ? "0" : o.speed);
  for (const auto& column : o.columns) {
    text += fmt::format("[[source.series]]\ncolumn = {}\n", toml(column));
  }
  if (!o.value_column.empty()) {
    text += "[source.long]\n";
    line("entity", toml(o.entity_column));
    line("attribute", toml(o.attribute_column));
    line("value", toml(o.value_column));
  }
  if (!o.label.empty()) text += fmt::format("[source.labels]\ncolumn = {}\n", toml(o.label));
  if (!o.windows.empty()) {
    text += fmt::format("[source.labels]\nwindows = {}\n", toml(fs::absolute(o.windows).string()));
  }
  return text;
}

/// "15%" of what was surveyed, or a duration.
Result<Duration> learn_period(const ReplayOptions& o, const Survey& seen) {
  std::string_view text = o.learn;
  if (text.ends_with('%')) {
    text.remove_suffix(1);
    const auto percent = to_number(text);
    if (percent && *percent > 0 && *percent < 100) {
      const auto span = static_cast<double>((seen.last - seen.first).count());
      return Duration(static_cast<Duration::rep>(span * *percent / 100));
    }
  } else if (const auto us = to_duration_us(text)) {
    return Duration(*us);
  }
  return Error{Errc::invalid, fmt::format("--learn is {}; expected as 15% or 7d", o.learn)};
}

Result<std::string> scenario_text(const ReplayOptions& o, const std::string& name,
                                  const Survey& seen) {
  const auto learn = TRY(learn_period(o, seen));
  Duration period = std::max<Duration>(seen.period, std::chrono::milliseconds(1));
  if (!o.period.empty()) {
    const auto us = to_duration_us(o.period);
    if (!us) return Error{Errc::invalid, fmt::format("--period is {}; expected as 1m", o.period)};
    period = Duration(*us);
  }
  std::string text = fmt::format(
      "# Made by `sosie replay`: keep it, change it, run it.\n"
      "name = {}\nrecorded = true\nzone = {}\n"
      "[frame]\nperiod = \"{}us\"\n[learn]\nperiod = \"{}us\"\n[intake]\nunknown = \"declare\"\n",
      toml(name), toml(o.zone), period.count(), learn.count());
  text += source_text(o);
  for (const char* kind :
       {"limits", "rate", "stuck", "missing", "noise", "residual", "deviation", "forest"}) {
    text += fmt::format("[[detector]]\nkind = \"{}\"\n", kind);
  }
  text += "[[listener]]\nport = 8090\n";
  return text;
}

/// "9 series, 1000 readings, … to …, one every 60 s; 1 refused, the first: x.csv:7: no time".
std::string described(const Survey& seen) {
  auto text = fmt::format("{} series, {} reading{}, ", seen.series, seen.readings,
                          seen.readings == 1 ? "" : "s");
  if (seen.last == seen.first) {
    text += "at " + to_iso8601(seen.first);
  } else {
    text += fmt::format("{} to {}, one every {:.6g} s", to_iso8601(seen.first),
                        to_iso8601(seen.last), std::chrono::duration<double>(seen.period).count());
  }
  text += fmt::format("; {} refused", seen.refused);
  return seen.refused == 0 ? text : text + ", the first: " + seen.first_refusal;
}

/// The scenario file to run: the one that was named, or one made for the recording.
Result<std::string> scenario_file(const ReplayOptions& o, const Catalog& catalog) {
  if (o.files.size() == 1 && o.files[0].ends_with(".toml")) return o.files[0];
  const auto name = o.name.empty() ? slug(fs::path(o.files[0]).stem().string()) : o.name;
  auto source = TRY(Section::read_text(source_text(o), "the options of replay"));
  const auto seen = TRY(survey(source, catalog));
  const auto text = TRY(scenario_text(o, name, seen));
  const auto folder = o.data + "/" + name;
  std::error_code failed;
  fs::create_directories(folder, failed);
  auto path = folder + "/scenario.toml";
  std::ofstream out(path);
  out << text;
  out.close();
  if (!out) return Error{Errc::unavailable, path + ": cannot be written"};
  std::fprintf(stderr, "%s\n", described(seen).c_str());
  return path;
}

/// An earlier replay's data are not mixed with this one's.
Result<void> make_room(const ReplayOptions& o, const std::string& name) {
  const auto folder = o.data + "/" + name;
  if (!fs::exists(folder + "/sosie.db")) return {};
  if (!o.fresh) {
    return Error{
        Errc::invalid,
        fmt::format("{} holds an earlier replay; --fresh removes it and begins anew", folder)};
  }
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != "scenario.toml") fs::remove_all(entry.path(), failed);
  }
  return {};
}

Result<void> report(Service& service, bool as_json) {
  Engine& engine = service.engine();
  const auto stats = TRY(engine.store().stats());
  const Timestamp to = stats.newest.value_or(Timestamp{}) + Duration(1);
  const auto card = engine.model();
  const Timestamp from = card.trained ? card.to : stats.oldest.value_or(to);
  const auto labels = TRY(engine.store().labels(from, to));
  FindingQuery query;
  query.from = from;
  query.to = to;
  query.limit = 1'000'000;
  const auto page = TRY(engine.store().findings(query));
  ScoreOptions held;
  held.series = &engine.series();
  const auto score = sosie::score(labels, page.findings, from, to, held);
  if (as_json) {
    json::Writer out;
    write(out, score);
    std::printf("%s\n", out.text().c_str());
  } else {
    if (!card.trained) std::printf("nothing was judged: the recording is shorter than --learn\n");
    std::fputs(to_text(score).c_str(), stdout);
    const auto flags = TRY(flag_text(engine));
    std::fputs(flags.c_str(), stdout);
  }
  std::fflush(stdout);
  return {};
}

Result<void> replay(const ReplayOptions& o, const Catalog& catalog, const std::stop_token& stop) {
  const auto file = TRY(scenario_file(o, catalog));
  auto scenario = TRY(Section::read_file(file));
  Section look = scenario;
  const auto name = TRY(look.text("name"));
  TRY(make_room(o, name));
  Service::Options wanted;
  wanted.engine.data_folder = o.data;
  wanted.port = o.port;
  auto service = TRY(Service::create(std::move(scenario), catalog, wanted));
  TRY(service.start());
  std::fprintf(stderr, "replaying; live at %s\n", service.site().addresses().front().c_str());
  service.engine().wait_until_done(stop);
  TRY(report(service, o.json));
  if (o.serve) {
    std::fprintf(stderr, "see it at %s; Ctrl-C ends it\n",
                 service.site().addresses().front().c_str());
    SystemClock().sleep(Timestamp::max(), stop);
  } else {
    std::fprintf(stderr, "see it with: sosie run %s --data %s\n", file.c_str(), o.data.c_str());
  }
  service.stop();
  return {};
}

int run(const ReplayOptions& options, const Catalog& catalog) {
  const auto done = replay(options, catalog, stop_on_signals());
  return done ? static_cast<int>(Exit::done) : fail(done.error());
}

void add_mapping(CLI::App& command, ReplayOptions& o) {
  command.add_option("--time", o.time, "the time's column; default: the one named like one");
  command
      .add_option("--time-format", o.time_format,
                  "iso, unix, unix_ms, unix_us, unix_ns or a pattern as %d/%m/%Y %H:%M:%S")
      ->capture_default_str();
  command.add_option("--zone", o.zone, "of times that say none, as Europe/Paris")
      ->capture_default_str();
  command.add_option("--delimiter", o.delimiter, "auto, tab, or a character")
      ->capture_default_str();
  command.add_option("--decimal", o.decimal, ". or ,")->capture_default_str();
  command.add_option("--missing", o.missing, "what stands for no value, as NA");
  command.add_option("--columns", o.columns, "the columns that are series; default: all numbers")
      ->delimiter(',');
  command.add_option("--entity", o.entity_column, "long files: the column of the sensor's name");
  command.add_option("--attribute", o.attribute_column, "long files: of the quantity's name");
  command.add_option("--value", o.value_column, "long files: of the value");
  command.add_option("--label", o.label, "the column of the ground truth");
  command.add_option("--windows", o.windows, "or a file of labelled windows (NAB's JSON)");
}

}  // namespace

void add_replay(Program& program) {
  const auto options =
      std::make_shared<ReplayOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand(
      "replay", "Plays recorded data through everything: learn, detect, explain, store, show");
  command->add_option("FILE", options->files, "CSV or JSON lines, or a scenario")->required();
  add_mapping(*command, *options);
  command->add_option("--learn", options->learn, "what to learn from: 15% or 7d of its beginning")
      ->capture_default_str();
  command->add_option("--period", options->period, "from frame to frame; default: the data's own");
  command->add_option("--speed", options->speed, "times real time, or max")->capture_default_str();
  command->add_option("--name", options->name, "of the scenario that is made; default: the file's");
  command->add_option("--data", options->data, "folder of the data")->capture_default_str();
  command->add_option("--port", options->port, "of the pages; default: any free one");
  command->add_flag("--fresh", options->fresh, "remove what an earlier replay left");
  command->add_flag("--serve", options->serve, "go on showing the pages when it is done");
  command->add_flag("--json", options->json, "the figures as JSON");
  command->footer(
      "Examples:\n"
      "  sosie replay scenarios/gecco2018/gecco2018.toml --serve\n"
      "  sosie replay pump.csv --time timestamp --label broken --learn 30%");
  command->callback([&program, options] {
    program.run = [&program, options] { return run(*options, program.catalog); };
  });
}

}  // namespace sosie::app
