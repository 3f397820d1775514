#include "connectors/file/table.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/time_text.h"

namespace sosie::file {
namespace {

bool is_json_name(std::string_view path) {
  return path.ends_with(".jsonl") || path.ends_with(".ndjson") || path.ends_with(".json");
}

bool is_value(std::string_view text) {
  return to_number(text).has_value() || from_iso8601(text).has_value();
}

std::string sample_of(const std::vector<std::string_view>& fields) {
  return fmt::format("{}", fmt::join(fields, ",")).substr(0, sample_bytes);
}

std::string text_of(const json::Value& value) {
  if (const auto* text = value.text()) return *text;
  if (const auto* flag = value.flag()) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value.value)) return fmt::to_string(*whole);
  if (const auto* number = std::get_if<double>(&value.value)) return fmt::to_string(*number);
  if (value.is_null()) return {};
  return std::string(value.kind());  // a list or an object where a value was expected: unreadable
}

/// The paths of everything in `object` that is no list.
void flatten(const json::Value::Object& object, const std::string& prefix,
             std::vector<std::string>& paths) {
  for (const auto& [key, value] : object) {
    if (const auto* inner = value.object()) {
      flatten(*inner, prefix + key + ".", paths);
    } else if (value.list() == nullptr) {
      paths.push_back(prefix + key);
    }
  }
}

}  // namespace

Result<Table> Table::open(const std::string& path, const TableOptions& options,
                          const std::vector<std::string>& wanted) {
  const bool is_json = options.format == Format::json_lines ||
                       (options.format == Format::by_name && is_json_name(path));
  auto reader = TRY(csv::Reader::open(path, {.delimiter = options.delimiter}));
  Table table(std::move(reader), is_json);
  auto begun = is_json ? table.read_first_object() : table.read_header();
  if (!begun) return std::move(begun).error().in(path);
  if (!is_json) return table;
  for (const auto& column : wanted) {
    const bool known =
        std::find(table.columns_.begin(), table.columns_.end(), column) != table.columns_.end();
    if (!known && !column.empty()) table.columns_.push_back(column);
  }
  return table;
}

Result<void> Table::read_header() {
  const bool more = TRY(reader_.next(raw_));
  if (!more) return Error{Errc::invalid, "the file is empty; expected a header and rows"};
  if (!raw_.problem.empty()) {
    return Error{Errc::invalid, fmt::format("line {}: {}", raw_.line, raw_.problem)};
  }
  if (raw_.fields.size() == 1) {
    const char likelier = csv::likelier_delimiter(raw_.fields[0], reader_.delimiter());
    if (likelier != 0) {
      return Error{Errc::invalid,
                   fmt::format("line {}: read 1 column '{}' with the delimiter {}; expected a time "
                               "and values; did you mean delimiter {}?",
                               raw_.line, raw_.fields[0].substr(0, sample_bytes),
                               csv::name_of_delimiter(reader_.delimiter()),
                               csv::name_of_delimiter(likelier))};
    }
  }
  if (std::any_of(raw_.fields.begin(), raw_.fields.end(), is_value)) {
    return Error{Errc::invalid,
                 fmt::format("line {}: read values ({}) where the header was expected; give the "
                             "file a first line with the columns' names",
                             raw_.line, sample_of(raw_.fields))};
  }
  for (const auto& field : raw_.fields) columns_.emplace_back(trim(field));
  return {};
}

Result<void> Table::read_first_object() {
  const auto start = reader_.position();
  for (;;) {
    const bool more = TRY(reader_.next_line(raw_));
    if (!more) return Error{Errc::invalid, "the file holds no JSON object; expected one a line"};
    if (!raw_.problem.empty()) continue;
    const auto parsed = parser_.parse(raw_.fields[0]);
    if (!parsed || (*parsed).object() == nullptr) continue;
    flatten(*(*parsed).object(), "", columns_);
    return reader_.seek(start);
  }
}

void Table::read_cells(TableRow& row) {
  if (raw_.fields.size() != columns_.size()) {
    row.problem = fmt::format("read {} fields, expected {} as in the header", raw_.fields.size(),
                              columns_.size());
    row.sample = sample_of(raw_.fields);
    return;
  }
  for (const auto field : raw_.fields) row.cells.push_back(trim(field));
}

void Table::read_object(TableRow& row) {
  const auto parsed = parser_.parse(raw_.fields[0]);
  if (!parsed || (*parsed).object() == nullptr) {
    row.problem = !parsed ? parsed.error().what
                          : fmt::format("read {}, expected an object", (*parsed).kind());
    row.sample = raw_.fields[0].substr(0, sample_bytes);
    return;
  }
  texts_.resize(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto* value = (*parsed).find(columns_[i]);
    texts_[i] = value == nullptr ? std::string() : text_of(*value);
  }
  row.cells.assign(texts_.begin(), texts_.end());
}

Result<bool> Table::next(TableRow& row) {
  row.cells.clear();
  row.problem.clear();
  row.sample.clear();
  const bool more = TRY(is_json_ ? reader_.next_line(raw_) : reader_.next(raw_));
  if (!more) return false;
  row.line = raw_.line;
  if (!raw_.problem.empty()) {
    row.problem = raw_.problem;
    row.sample = raw_.fields[0];
  } else if (is_json_) {
    read_object(row);
  } else {
    read_cells(row);
  }
  return true;
}

}  // namespace sosie::file
