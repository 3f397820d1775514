#include "app/table_scenario.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "base/text.h"
#include "tabular/cells.h"
#include "tabular/sheet.h"

namespace sosie::app {
namespace {

constexpr std::array<std::string_view, 6> times_are_called{"time",     "timestamp", "date",
                                                           "datetime", "ts",        "t"};
constexpr std::array<std::string_view, 8> watchers{"limits", "rate",     "stuck",     "missing",
                                                   "noise",  "residual", "deviation", "forest"};

/// What the source of recordings takes for a label (connectors/file).
constexpr std::array<std::string_view, 6> source_reads{"true", "1", "yes", "false", "0", "no"};

/// A TOML text; JSON's escapes are TOML's, too.
std::string toml_text(std::string_view text) {
  return '"' + json_escaped(text) + '"';
}

std::string duration_text(Duration span) {
  using std::chrono::milliseconds;
  const auto ms = std::chrono::duration_cast<milliseconds>(span).count();
  if (ms % 60'000 == 0 && ms > 0) return fmt::format("{}m", ms / 60'000);
  if (ms % 1000 == 0 && ms > 0) return fmt::format("{}s", ms / 1000);
  return fmt::format("{}ms", std::max<std::int64_t>(1, ms));
}

std::string head_of(const std::string& name, const std::string& input, Duration period) {
  return fmt::format(
      "# Written by `sosie train` for {}. It plays that table as a recording, with the model that\n"
      "# was learned from it; put your live source in its place when it is there\n"
      "# (docs/connect-your-data.md): what it calls its sensors must be what the columns are "
      "called.\n"
      "# docs/scenario.md explains every key.\n\n"
      "name = {}\nrecorded = true\n\n[frame]\nperiod = \"{}\"\n\n[learn]\nperiod = \"7d\"  # of "
      "a new model, where this one cannot be used\n\n",
      input, toml_text(name), duration_text(period));
}

/// Whether every label is one that the source of recordings reads: true or false. Reads the table.
Result<bool> has_plain_labels(const TableFeed& table) {
  auto sheet = TRY(tabular::Sheet::open(
      table.input, {.time = table.time, .label = table.label, .ignore = table.ignore}));
  tabular::SheetRow row;
  for (;;) {
    const bool more = TRY(sheet.next(row));
    if (!more) break;
  }
  return std::ranges::all_of(sheet.label_texts(), [](const std::string& text) {
    return tabular::is_missing(text) ||
           std::ranges::find(source_reads, slug(text)) != source_reads.end();
  });
}

std::string source_of(const TableFeed& table, const tabular::Sheet& sheet, bool has_labels) {
  const auto path = std::filesystem::absolute(table.input).lexically_normal().string();
  auto text = fmt::format("[[source]]\nkind = \"file\"\npath = {}\ntime = {}\n", toml_text(path),
                          toml_text(table.time));
  if (sheet.time_format() != "iso") {
    text += fmt::format("time_format = {}\n", toml_text(sheet.time_format()));
  }
  if (sheet.decimal() != '.') text += fmt::format("decimal = \"{}\"\n", sheet.decimal());
  text +=
      "missing = [\"NA\", \"N/A\", \"#N/A\", \"NaN\", \"nan\", \"null\", \"NULL\", \"None\", "
      "\"none\", \"-\", \"?\"]\nspeed = \"max\"  # 60: an hour of it is a minute\n";
  for (const auto& column : sheet.columns()) {
    if (column.kind != tabular::SheetColumn::Kind::number) continue;
    // "P1.pressure" is an attribute of P1; "TI-204 Temp. étage 1" is one name.
    const auto dot = column.name.find('.');
    const bool has_two = dot != std::string::npos && dot > 0 && dot + 1 < column.name.size() &&
                         column.name.find(' ') == std::string::npos;
    text += fmt::format("\n[[source.series]]\ncolumn = {}\nentity = {}\nattribute = {}\n",
                        toml_text(column.name),
                        toml_text(column.name.substr(0, has_two ? dot : column.name.size())),
                        toml_text(has_two ? column.name.substr(dot + 1) : "value"));
  }
  if (has_labels) {
    text += fmt::format(
        "\n[source.labels]  # for the scoreboard alone: no detector sees it\n"
        "column = {}\n",
        toml_text(table.label));
  }
  return text + '\n';
}

}  // namespace

Result<std::string> time_column_of(const TableFeed& table) {
  const auto sheet = TRY(tabular::Sheet::open(
      table.input, {.time = {}, .label = {}, .ignore = {}, .sample_rows = 50}));
  for (const auto name : times_are_called) {
    for (const auto& column : sheet.header()) {
      if (slug(column) == name) return column;
    }
  }
  return std::string();
}

Result<TableScenario> scenario_of(const TableFeed& table, const std::string& data) {
  const auto sheet = TRY(tabular::Sheet::open(
      table.input, {.time = table.time, .label = table.label, .ignore = table.ignore}));
  const auto feed = TRY(open_table(table));
  TableScenario made;
  made.name = slug(std::filesystem::path(table.input).stem().string());
  if (made.name.empty()) made.name = "table";
  made.file = fmt::format("{}/{}/scenario.toml", data, made.name);
  bool has_labels = false;
  if (!table.label.empty()) has_labels = TRY(has_plain_labels(table));
  made.toml = head_of(made.name, table.input, feed->period()) + source_of(table, sheet, has_labels);
  if (!has_labels && !table.label.empty()) {
    made.notes.push_back(
        fmt::format("'{}' labels by words, which the source of recordings does not read: the "
                    "scenario leaves it out, and its scoreboard has no labels",
                    table.label));
  }
  for (const auto kind : watchers)
    made.toml += fmt::format("[[detector]]\nkind = \"{}\"\n\n", kind);
  for (const auto& column : sheet.columns()) {
    if (column.kind == tabular::SheetColumn::Kind::number) continue;
    made.ignore.push_back(column.name);
    made.notes.push_back(
        fmt::format("'{}' holds words, which the source of recordings does not read: it is left "
                    "out",
                    column.name));
  }
  return made;
}

}  // namespace sosie::app
