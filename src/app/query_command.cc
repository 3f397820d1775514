#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/stored.h"
#include "wire/csv/writer.h"
#include "wire/json/writer.h"

namespace sosie::app {
namespace {

struct QueryOptions {
  Place place{default_scenario};
  std::string sql;
  std::size_t limit = 10'000;
  bool json = false;
};

std::string shown(const Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return fmt::to_string(*integer);
  if (const auto* number = std::get_if<double>(&cell)) return fmt::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return {};
}

void print_json(const Table& table) {
  json::Writer out;
  out.begin_object();
  out.key("columns");
  out.begin_array();
  for (const auto& name : table.columns) out.value(name);
  out.end_array();
  out.key("rows");
  out.begin_array();
  for (const auto& row : table.rows) {
    out.begin_array();
    for (const auto& cell : row) {
      if (const auto* text = std::get_if<std::string>(&cell)) {
        out.value(*text);
      } else if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        out.value(*integer);
      } else if (const auto* number = std::get_if<double>(&cell)) {
        out.value(*number);
      } else {
        out.value(nullptr);
      }
    }
    out.end_array();
  }
  out.end_array();
  out.member("cut", table.cut);
  out.end_object();
  std::printf("%s\n", out.text().c_str());
}

void print_csv(const Table& table) {
  std::string out;
  std::vector<std::string_view> fields(table.columns.begin(), table.columns.end());
  csv::append_record(out, fields);
  for (const auto& row : table.rows) {
    std::vector<std::string> texts;
    texts.reserve(row.size());
    for (const auto& cell : row) texts.push_back(shown(cell));
    fields.assign(texts.begin(), texts.end());
    csv::append_record(out, fields);
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
}

int query(const QueryOptions& options) {
  auto stored = Stored::open(options.place);
  if (!stored) return fail(stored.error());
  const auto table = stored->store->query(options.sql, options.limit);
  if (!table) return fail(table.error());
  if (options.json) {
    print_json(*table);
  } else {
    print_csv(*table);
  }
  if (table->cut)
    std::fprintf(stderr, "sosie: cut at %zu rows; --limit N for more\n", options.limit);
  return Exit::done;
}

}  // namespace

void add_query(Program& program) {
  const auto options =
      std::make_shared<QueryOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand("query", "Asks the stored data in SQL");
  command->add_option("SQL", options->sql, "one SELECT; docs/store.md has the tables")->required();
  command->add_option("--scenario", options->place.scenario, "whose data")->capture_default_str();
  command->add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  command->add_option("--limit", options->limit, "rows at most")->capture_default_str();
  command->add_flag("--json", options->json, "JSON instead of CSV");
  command->footer(
      "Examples:\n"
      "  sosie query \"select time, value from readings where series='AIT-306-DO.o2_dissous' limit "
      "5\"\n"
      "  sosie query \"select kind, count(*) from findings group by kind\" --json");
  command->callback([&program, options] { program.run = [options] { return query(*options); }; });
}

}  // namespace sosie::app
