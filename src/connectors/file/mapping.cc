#include "connectors/file/mapping.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "base/text.h"
#include "core/read_words.h"

namespace sosie::file {
namespace {

constexpr std::array<std::string_view, 3> formats{"auto", "csv", "jsonl"};
constexpr std::array<std::string_view, 2> decimals{".", ","};

/// Where it stands: one text, or {en = "...", fr = "..."}.
Result<void> read_location(Section& section, SeriesInfo& info) {
  const Node* node = section.raw("location");
  if (node == nullptr) return {};
  if (!std::holds_alternative<Node::Table>(node->value)) {
    info.location = TRY(section.text("location"));
    info.location_fr = {};
    return {};
  }
  const auto words = TRY(read_words(section, "location"));
  info.location = words.en;
  info.location_fr = words.fr;
  return {};
}

/// What the sensor can measure.
Result<void> read_range(Section& section, SeriesInfo& info) {
  if (section.has("low")) {
    info.low = TRY(section.number("low"));
  }
  if (section.has("high")) {
    info.high = TRY(section.number("high"));
  }
  if (info.low && info.high && *info.low >= *info.high) {
    return section.wrong("high",
                         fmt::format("is {}, expected more than low = {}", *info.high, *info.low));
  }
  return {};
}

/// What both a series and the long form may say of what they measure.
Result<void> read_info(Section& section, SeriesInfo& info) {
  info.unit = TRY(section.text("unit", info.unit));
  info.stage = TRY(section.text("stage", info.stage));
  TRY(read_location(section, info));
  info.sensor_class = TRY(section.text("class", info.sensor_class));
  info.quantity = TRY(read_words(section, "quantity"));
  info.stage_name = TRY(read_words(section, "stage_name"));
  return read_range(section, info);
}

Result<SeriesColumn> read_series(Section& section, const SeriesInfo& common) {
  SeriesColumn series{.column = {}, .info = common};
  series.column = TRY(section.text("column"));
  series.info.entity = TRY(section.text("entity", common.entity));
  series.info.attribute = TRY(section.text("attribute", slug(series.column)));
  TRY(read_info(section, series.info));
  TRY(section.finish());
  return series;
}

Result<LongForm> read_long(Section section, const SeriesInfo& common) {
  LongForm form{
      .entity = {}, .attribute = {}, .value = {}, .quality = {}, .flag = {}, .info = common};
  form.entity = TRY(section.text("entity"));
  form.attribute = TRY(section.text("attribute", ""));
  form.value = TRY(section.text("value"));
  form.quality = TRY(section.text("quality", ""));
  form.flag = TRY(section.text("flag", ""));
  form.info.attribute = TRY(section.text("attribute_name", slug(form.value)));
  TRY(read_info(section, form.info));
  TRY(section.finish());
  return form;
}

Result<TruthConfig> read_truth(Section section) {
  TruthConfig truth;
  truth.column = TRY(section.text("column", ""));
  truth.windows_file = TRY(section.path("windows", ""));
  truth.windows_key = TRY(section.text("windows_key", ""));
  truth.join = TRY(section.duration("join", std::chrono::minutes(0)));
  const auto kind = TRY(section.text("kind", "unknown"));
  const auto known = kind_from_text(kind);
  if (!known) return section.wrong("kind", fmt::format("'{}' is no kind of cause", kind));
  truth.kind = *known;
  truth.text = TRY(read_words(section, "text"));
  if (!truth.column.empty() && !truth.windows_file.empty()) {
    return section.wrong("windows", "stands beside 'column'; expected one of the two");
  }
  TRY(section.finish());
  return truth;
}

Result<TableOptions> read_table(Section& section) {
  TableOptions options;
  const auto format = TRY(section.choice("format", "auto", formats));
  if (format == "csv") options.format = Format::csv;
  if (format == "jsonl") options.format = Format::json_lines;
  const auto delimiter = TRY(section.text("delimiter", "auto"));
  if (delimiter == "auto") return options;
  options.delimiter = delimiter == "tab" ? '\t' : delimiter.empty() ? '\0' : delimiter[0];
  if (delimiter != "tab" && (delimiter.size() != 1 || delimiter == "\"")) {
    return section.wrong(
        "delimiter", fmt::format("is '{}', expected auto, tab or one character, as ;", delimiter));
  }
  return options;
}

Result<std::optional<Timestamp>> read_instant(Section& section, std::string_view key) {
  if (!section.has(key)) return std::optional<Timestamp>();
  const auto text = TRY(section.text(key));
  const auto at = from_iso8601(text);
  if (!at)
    return section.wrong(key,
                         fmt::format("is '{}', expected a time, as 2016-08-03T11:49:00Z", text));
  return at;
}

/// How times are written.
struct TimeConfig {
  std::string column;
  std::string format;
  TimeReader reader;
  TimeReader iso;  ///< in the same zone
};

Result<TimeConfig> read_time(Section& section) {
  auto column = TRY(section.text("time", ""));
  auto format = TRY(section.text("time_format", "iso"));
  const auto zone_name = TRY(section.text("zone", "UTC"));
  const auto zone = Zone::find(zone_name);
  if (!zone) return section.wrong("zone", zone.error().what);
  auto reader = TimeReader::create(format, *zone);
  if (!reader) return section.wrong("time_format", reader.error().what);
  auto iso = TRY(TimeReader::create("iso", *zone));
  return TimeConfig{std::move(column), std::move(format), std::move(reader).value(),
                    std::move(iso)};
}

/// How values are written, and how their absence is.
Result<void> read_notation(Section& section, Mapping& mapping) {
  mapping.missing = TRY(section.texts("missing"));
  if (mapping.missing.empty()) {
    mapping.missing = {"NA", "N/A", "NaN", "nan", "null", "NULL", "-"};
  }
  const auto decimal = TRY(section.choice("decimal", ".", decimals));
  mapping.decimal = decimal[0];
  return {};
}

/// The columns to take, in either form.
Result<void> read_columns(Section& section, Mapping& mapping) {
  auto tables = TRY(section.tables("series"));
  for (auto& one : tables) {
    auto series = TRY(read_series(one, mapping.common));
    mapping.series.push_back(std::move(series));
  }
  if (!section.has("long")) return {};
  if (!mapping.series.empty()) {
    return section.wrong("long", "stands beside [[source.series]]; expected one of the two");
  }
  auto table = TRY(section.table("long"));
  mapping.long_form = TRY(read_long(std::move(table), mapping.common));
  return {};
}

}  // namespace

SeriesInfo SeriesColumn::of_file(const std::string& path) const {
  SeriesInfo of = info;
  if (of.entity.empty()) of.entity = std::filesystem::path(path).stem().string();
  return of;
}

Result<Mapping> Mapping::read(Section& section) {
  const auto table = TRY(read_table(section));
  const auto time = TRY(read_time(section));
  Mapping m{table, time.column, time.format, time.reader, {}, '.', {}, {}, {}, {}, {}, {}};
  TRY(read_notation(section, m));
  m.common.asset = TRY(section.text("asset", ""));
  m.common.entity = TRY(section.text("entity", ""));
  TRY(read_columns(section, m));
  auto labels = TRY(section.table("labels"));
  m.truth = TRY(read_truth(std::move(labels)));
  m.truth.window_time = time.iso;
  m.begin = TRY(read_instant(section, "begin"));
  m.end = TRY(read_instant(section, "end"));
  return m;
}

std::vector<std::string> Mapping::columns() const {
  std::vector<std::string> names{time, truth.column};
  for (const auto& one : series) names.push_back(one.column);
  if (long_form) {
    names.insert(names.end(), {long_form->entity, long_form->attribute, long_form->value,
                               long_form->quality, long_form->flag});
  }
  std::erase(names, "");
  return names;
}

bool Mapping::is_missing(std::string_view text) const {
  return text.empty() || std::find(missing.begin(), missing.end(), text) != missing.end();
}

std::optional<double> Mapping::number(std::string_view text) const {
  if (decimal == '.') return to_number(text);
  std::string with_point(text);
  std::replace(with_point.begin(), with_point.end(), decimal, '.');
  return to_number(with_point);
}

}  // namespace sosie::file
