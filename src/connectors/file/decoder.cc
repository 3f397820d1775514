#include "connectors/file/decoder.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "core/flag.h"

namespace sosie::file {
namespace {

constexpr std::size_t rows_looked_at = 100;
constexpr std::size_t max_series = 10'000;  ///< more in one file is a wrong column
constexpr std::array<std::string_view, 6> time_names{"time",     "timestamp", "date",
                                                     "datetime", "ts",        "t"};

std::optional<std::size_t> place(const std::vector<std::string>& columns, std::string_view name) {
  const auto at = std::find(columns.begin(), columns.end(), name);
  if (at == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(at - columns.begin());
}

std::optional<bool> flag_of(std::string_view text) {
  const auto word = slug(text);
  if (word == "true" || word == "1" || word == "yes") return true;
  if (word == "false" || word == "0" || word == "no") return false;
  return std::nullopt;
}

std::optional<Quality> quality_of(std::string_view text) {
  for (const auto quality : {Quality::good, Quality::uncertain, Quality::bad}) {
    if (to_text(quality) == text) return quality;
  }
  return std::nullopt;
}

}  // namespace

Result<Decoder> Decoder::create(const Mapping& mapping, const std::string& path, Table& table,
                                Intake& intake) {
  Decoder decoder(mapping, path, table, intake);
  auto bound = decoder.bind(table);
  if (!bound) return std::move(bound).error().in(path);
  return decoder;
}

Result<std::size_t> Decoder::column(const std::string& name) const {
  if (const auto at = place(columns_, name)) return *at;
  const std::vector<std::string_view> names(columns_.begin(), columns_.end());
  const auto near = nearest(name, names);
  return Error{Errc::invalid, fmt::format("there is no column '{}'; the file has {}{}", name,
                                          fmt::join(columns_, ", "),
                                          near ? fmt::format("; did you mean '{}'?", *near) : "")};
}

Result<std::optional<std::size_t>> Decoder::maybe_column(const std::string& name) const {
  if (name.empty()) return std::optional<std::size_t>();
  const std::size_t at = TRY(column(name));
  return std::optional<std::size_t>(at);
}

Result<std::size_t> Decoder::time_column() const {
  if (!mapping_.time.empty()) return column(mapping_.time);
  for (const auto name : time_names) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (slug(columns_[i]) == name) return i;
    }
  }
  return Error{Errc::invalid,
               fmt::format("none of the columns {} is named like a time; expected 'time', or the "
                           "key time = \"its name\"",
                           fmt::join(columns_, ", "))};
}

Result<void> Decoder::bind(Table& table) {
  time_ = TRY(time_column());
  label_ = TRY(maybe_column(mapping_.truth.column));
  if (const auto form = long_form()) return bind_long(*form);
  auto series = mapping_.series;
  if (series.empty()) series = TRY(columns_of_numbers(table));
  for (const auto& one : series) {
    const std::size_t at = TRY(column(one.column));
    wide_.push_back({at, intake_.declare(one.of_file(path_))});
  }
  return {};
}

/// As the mapping says; or by the names that Sosie itself writes: entity, [attribute,] value.
std::optional<LongForm> Decoder::long_form() const {
  if (mapping_.long_form || !mapping_.series.empty()) return mapping_.long_form;
  if (!place(columns_, "entity") || !place(columns_, "value")) return std::nullopt;
  LongForm form{.entity = "entity",
                .attribute = {},
                .value = "value",
                .quality = {},
                .flag = {},
                .info = mapping_.common};
  form.info.attribute = "value";
  if (place(columns_, "attribute")) form.attribute = "attribute";
  if (place(columns_, "quality")) form.quality = "quality";
  return form;
}

Result<void> Decoder::bind_long(const LongForm& form) {
  Long bound{
      .entity = 0, .attribute = {}, .value = 0, .quality = {}, .flag = {}, .info = form.info};
  bound.entity = TRY(column(form.entity));
  bound.attribute = TRY(maybe_column(form.attribute));
  bound.value = TRY(column(form.value));
  bound.quality = TRY(maybe_column(form.quality));
  bound.flag = TRY(maybe_column(form.flag));
  long_ = std::move(bound);
  return {};
}

/// Every column whose first value, in the first rows, is a number.
Result<std::vector<SeriesColumn>> Decoder::columns_of_numbers(Table& table) const {
  const auto start = table.position();
  std::vector<std::optional<bool>> is_number(columns_.size());
  TableRow row;
  for (std::size_t i = 0; i < rows_looked_at; ++i) {
    const bool more = TRY(table.next(row));
    if (!more) break;
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      if (is_number[c] || mapping_.is_missing(row.cells[c])) continue;
      is_number[c] = mapping_.number(row.cells[c]).has_value();
    }
  }
  TRY(table.seek(start));
  std::vector<SeriesColumn> series;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (c == time_ || c == label_ || columns_[c].empty() || !is_number[c].value_or(false)) continue;
    auto& added = series.emplace_back(SeriesColumn{columns_[c], mapping_.common});
    added.info.attribute = slug(columns_[c]);
  }
  if (!series.empty()) return series;
  return Error{Errc::invalid,
               fmt::format("none of the columns {} holds numbers in the first {} rows",
                           fmt::join(columns_, ", "), rows_looked_at)};
}

void Decoder::refuse(const TableRow& row, std::string reason) {
  ++refused_;
  auto sample = row.sample;
  if (sample.empty()) sample = fmt::format("{}", fmt::join(row.cells, ",")).substr(0, sample_bytes);
  intake_.refuse({.source = std::filesystem::path(path_).filename().string(),
                  .reason = std::move(reason),
                  .sample = std::move(sample),
                  .where = fmt::format("{}:{}", path_, row.line)});
}

void Decoder::decode(const TableRow& row, Decoded& out) {
  out.at.reset();
  out.readings.clear();
  out.is_labelled.reset();
  if (!row.problem.empty()) return refuse(row, row.problem);
  const auto at = mapping_.time_reader.read(row.cells[time_]);
  if (!at) {
    return refuse(row, fmt::format("column '{}': read '{}', expected a time as {}", columns_[time_],
                                   row.cells[time_], mapping_.time_format));
  }
  if ((mapping_.begin && *at < *mapping_.begin) || (mapping_.end && *at >= *mapping_.end)) {
    ++outside_;
    return;
  }
  out.at = at;
  if (label_ && !mapping_.is_missing(row.cells[*label_])) {
    out.is_labelled = flag_of(row.cells[*label_]);
    if (!out.is_labelled) {
      refuse(row, fmt::format("column '{}': read '{}', expected true or false", columns_[*label_],
                              row.cells[*label_]));
    }
  }
  if (long_) {
    decode_long(row, *long_, out);
  } else {
    decode_wide(row, out);
  }
}

std::optional<double> Decoder::value(const TableRow& row, std::size_t column) {
  const auto text = row.cells[column];
  if (mapping_.is_missing(text)) return std::nullopt;
  const auto number = mapping_.number(text);
  if (!number) {
    refuse(row, fmt::format("column '{}': read '{}', expected a number", columns_[column],
                            text.substr(0, sample_bytes)));
  }
  return number;
}

void Decoder::decode_wide(const TableRow& row, Decoded& out) {
  for (const auto& one : wide_) {
    if (const auto number = value(row, one.column)) {
      out.readings.push_back({.at = *out.at, .value = *number, .series = one.id});
    }
  }
}

void Decoder::decode_long(const TableRow& row, const Long& as, Decoded& out) {
  const auto number = value(row, as.value);
  if (!number) return;
  const std::string entity(row.cells[as.entity]);
  const std::string attribute(as.attribute ? row.cells[*as.attribute]
                                           : std::string_view(as.info.attribute));
  const auto id = series(row, as, entity, attribute);
  if (!id) return;
  Reading reading{.at = *out.at, .value = *number, .series = *id};
  if (as.quality && !row.cells[*as.quality].empty()) {
    const auto quality = quality_of(row.cells[*as.quality]);
    if (!quality) {
      return refuse(row, fmt::format("column '{}': read '{}', expected good, uncertain or bad",
                                     columns_[*as.quality], row.cells[*as.quality]));
    }
    reading.quality = *quality;
    if (*quality != Quality::good) reading.reason = QualityReason::sensor_fault;
  }
  out.readings.push_back(reading);
  if (as.flag && !mapping_.is_missing(row.cells[*as.flag])) take_flag(row, *as.flag, entity, out);
}

/// A flag is a series of its own beside the measured one, in an asset that nothing watches.
void Decoder::take_flag(const TableRow& row, std::size_t column, const std::string& entity,
                        Decoded& out) {
  const auto flag = flag_of(row.cells[column]);
  if (!flag) {
    return refuse(row, fmt::format("column '{}': read '{}', expected true or false",
                                   columns_[column], row.cells[column]));
  }
  SeriesInfo info;
  info.entity = entity;
  info.attribute = slug(columns_[column]);
  info.asset = flags_asset;
  info.quantity = {"the recording's own flag", "marque de l'enregistrement"};
  info.low = 0;
  info.high = 1;
  info.sensor_class = "S";
  auto known = known_.find({entity, info.attribute});
  if (known == known_.end()) {
    known = known_.emplace(std::pair(entity, info.attribute), intake_.declare(info)).first;
  }
  out.readings.push_back({.at = *out.at, .value = *flag ? 1.0 : 0.0, .series = known->second});
}

std::optional<SeriesId> Decoder::series(const TableRow& row, const Long& as,
                                        const std::string& entity, const std::string& attribute) {
  if (entity.empty() || attribute.empty()) {
    refuse(row, "the row names no entity or no attribute");
    return std::nullopt;
  }
  const auto known = known_.find({entity, attribute});
  if (known != known_.end()) return known->second;
  if (known_.size() >= max_series) {
    refuse(row, fmt::format("'{}.{}' would be a series more than {}; is '{}' the entity's column?",
                            entity, attribute, max_series, columns_[as.entity]));
    return std::nullopt;
  }
  auto info = as.info;
  info.entity = entity;
  info.attribute = attribute;
  const auto id = intake_.declare(info);
  known_.emplace(std::pair(entity, attribute), id);
  return id;
}

}  // namespace sosie::file
