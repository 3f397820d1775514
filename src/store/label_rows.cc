#include "store/label_rows.h"

#include "base/text.h"

namespace sosie {
namespace {

std::string json_list(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const auto& text : texts) {
    if (list.size() > 1) list += ',';
    list += '"' + json_escaped(text) + '"';
  }
  list += ']';
  return list;
}

/// SQLite reads its own JSON.
Result<std::vector<std::string>> from_json_list(Database& database, const std::string& list) {
  auto row = TRY(database.statement("SELECT value FROM json_each(?)"));
  row.bind(list);
  std::vector<std::string> texts;
  while ([[maybe_unused]] const bool more = TRY(row.step())) texts.push_back(row.text(0));
  return texts;
}

Result<Label> label_of(Database& database, const Statement& row) {
  Label label;
  label.asset = row.text(0);
  label.id = static_cast<std::uint64_t>(row.integer(1));
  label.kind = kind_from_text(row.bytes(2)).value_or(Kind::unknown);
  label.scenario = row.text(3);
  label.direct = TRY(from_json_list(database, row.text(4)));
  label.consequences = TRY(from_json_list(database, row.text(5)));
  label.start = row.time(6);
  label.end = row.time(7);
  label.over = row.integer(8) != 0;
  label.size = row.real(9);
  label.text = {row.text(10), row.text(11)};
  return label;
}

}  // namespace

Result<void> save_label(Database& database, const Label& label) {
  const auto direct = json_list(label.direct);
  const auto consequences = json_list(label.consequences);
  auto save = TRY(database.statement(
      "INSERT OR REPLACE INTO _label VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  return save
      .bind(label.asset, label.id, to_text(label.kind), label.scenario, direct, consequences,
            label.start, label.end, label.over ? 1 : 0, label.size, label.text.en, label.text.fr)
      .run();
}

Result<std::vector<Label>> find_labels(Database& database, Timestamp from, Timestamp to) {
  auto row = TRY(database.statement(
      "SELECT asset, id, kind, scenario, direct, consequences, start, \"end\", over, size, "
      "text_en, text_fr FROM _label WHERE start < ? AND \"end\" > ? ORDER BY start, asset, id"));
  row.bind(to, from);
  std::vector<Label> labels;
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    auto label = TRY(label_of(database, row));
    labels.push_back(std::move(label));
  }
  return labels;
}

}  // namespace sosie
