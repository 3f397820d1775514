#include "plants/wastewater/sensor_list.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <span>

#include <fmt/format.h>

#include "base/text.h"
#include "plants/wastewater/design.h"
#include "wire/csv/reader.h"

namespace sosie::wastewater {
namespace {

enum Column : std::size_t {
  tag,
  stage,
  quantity,
  unit,
  low,
  high,
  typical,
  sensor_class,
  expression,
  stage_en,
  quantity_en,
  location,
  t90_s,
  new_value_every_s,
  noise_sd,
  metric,
  stage_id,
  columns,
  location_fr = columns,  // may be left out: pages in French then show `location`
};
constexpr std::array<std::string_view, columns + 1> titles{"tag",
                                                           "stage",
                                                           "quantity",
                                                           "unit",
                                                           "min",
                                                           "max",
                                                           "typical",
                                                           "sensor class",
                                                           "model expression in words",
                                                           "stage_en",
                                                           "quantity_en",
                                                           "location",
                                                           "t90_s",
                                                           "new_value_every_s",
                                                           "noise_sd",
                                                           "metric",
                                                           "stage_id",
                                                           "location_fr"};

constexpr double step_s = 5;

/// BSM1's classes of sensor: how many lags in series.
struct ClassRow {
  std::string_view name;
  SensorRow::Response response;
  int lags;
};
constexpr std::array<ClassRow, 8> classes{{
    {"A", SensorRow::Response::lagged, 2},
    {"B0", SensorRow::Response::lagged, 8},
    {"B1", SensorRow::Response::lagged, 8},
    {"C0", SensorRow::Response::lagged, 8},
    {"C1", SensorRow::Response::lagged, 8},
    {"D", SensorRow::Response::sampled, 0},
    {"E", SensorRow::Response::composite, 0},
    {"S", SensorRow::Response::state, 0},
}};

/// One record, with its place for the errors.
class Record {
 public:
  Record(const csv::Row& row, const std::string& file) : row_(row), file_(file) {}

  std::string_view text(Column column) const {
    return column < row_.fields.size() ? trim(row_.fields[column]) : std::string_view();
  }

  Result<double> number(Column column) const {
    const auto value = to_number(text(column));
    if (!value) return wrong(column, "a number");
    return *value;
  }
  Error wrong(Column column, std::string_view expected, std::string_view nearest = "") const {
    Misread place;
    place.key = titles.at(column);
    place.read = text(column);
    place.expected = expected;
    place.nearest = nearest;
    return wrong(
        fmt::format("'{}': '{}' where {} was expected", titles.at(column), text(column), expected),
        std::move(place));
  }
  Error wrong(std::string_view what, Misread place = {}) const {
    place.file = file_;
    place.line = static_cast<int>(row_.line);
    return Error{Errc::invalid, fmt::format("{}:{}: {}", file_, row_.line, what),
                 std::make_shared<const Misread>(std::move(place))};
  }

 private:
  const csv::Row& row_;
  const std::string& file_;
};

std::string_view hint(std::string_view read, std::span<const std::string_view> names) {
  return nearest(read, names).value_or("one of those the model has");
}

Result<void> check_titles(const csv::Row& row, const std::string& file) {
  const Record record(row, file);
  for (std::size_t i = 0; i < titles.size(); ++i) {
    if (i == location_fr && row.fields.size() == columns) break;
    const std::string_view read = i < row.fields.size() ? trim(row.fields[i]) : "nothing";
    if (read != titles.at(i)) {
      return record.wrong(
          fmt::format("column {}: '{}' where '{}' was expected", i + 1, read, titles.at(i)));
    }
  }
  if (row.fields.size() > titles.size()) {
    return record.wrong(
        fmt::format("{} columns where {} were expected", row.fields.size(), titles.size()));
  }
  return {};
}

Result<const Probe*> probe_of(const Record& record) {
  const auto name = record.text(tag);
  if (const Probe* probe = find_probe(name)) return probe;
  std::vector<std::string_view> names;
  for (const Probe& probe : probes()) names.push_back(probe.tag);
  const auto near = nearest(name, names);
  if (!near) return record.wrong(tag, "a tag the model has");
  return record.wrong(tag, fmt::format("a tag the model has ('{}'?)", *near), *near);
}

/// A new value every so often, in whole steps; the resolution is a power of ten below the noise.
Result<void> take_response(const Record& record, SensorRow& row) {
  const auto* found = std::find_if(classes.begin(), classes.end(), [&](const ClassRow& c) {
    return c.name == record.text(sensor_class);
  });
  if (found == classes.end()) return record.wrong(sensor_class, "A, B0, B1, C0, C1, D, E or S");
  row.info.sensor_class = found->name;
  row.response = found->response;
  row.lags = found->lags;
  const double t90 = TRY(record.number(t90_s));
  if (t90 < 0 || (found->lags > 0 && t90 == 0)) return record.wrong(t90_s, "seconds, more than 0");
  row.t90_s = t90;
  const double every = TRY(record.number(new_value_every_s));
  if (every < step_s || std::fmod(every, step_s) != 0 || every > 7 * 86400) {
    return record.wrong(new_value_every_s, "a multiple of 5 s, a week at most");
  }
  row.every_steps = static_cast<int>(every / step_s);
  row.noise_sd = TRY(record.number(noise_sd));
  if (row.noise_sd < 0) return record.wrong(noise_sd, "0 or more");
  if (row.noise_sd > 0) {
    row.per_unit = std::pow(10, std::clamp(std::ceil(-std::log10(row.noise_sd)), 0.0, 6.0));
  }
  return {};
}

Result<SensorRow> to_row(const Record& record, const std::string& asset) {
  SensorRow row;
  row.probe = TRY(probe_of(record));
  if (std::find(stage_ids.begin(), stage_ids.end(), record.text(stage_id)) == stage_ids.end()) {
    return record.wrong(stage_id, hint(record.text(stage_id), stage_ids));
  }
  if (record.text(metric).empty() || slug(record.text(metric)) != record.text(metric)) {
    return record.wrong(metric, "a name in lower case, digits and _");
  }
  row.info.entity = record.text(tag);
  row.info.attribute = record.text(metric);
  row.info.asset = asset;
  row.info.stage = record.text(stage_id);
  row.info.stage_name = {record.text(stage_en), record.text(stage)};
  row.info.quantity = {record.text(quantity_en), record.text(quantity)};
  row.info.location = record.text(location);
  row.info.location_fr = record.text(location_fr);
  row.info.unit = record.text(unit);
  row.low = TRY(record.number(low));
  row.high = TRY(record.number(high));
  row.info.low = row.low;
  row.info.high = row.high;
  if (row.low >= row.high) return record.wrong(high, "more than 'min'");
  row.typical = TRY(record.number(typical));
  if (row.typical < row.low || row.typical > row.high) {
    return record.wrong(typical, "a value from 'min' to 'max'");
  }
  TRY(take_response(record, row));
  return row;
}

Result<void> check_shape(const csv::Row& row, const std::string& file) {
  const Record record(row, file);
  if (!row.problem.empty()) return record.wrong(row.problem);
  if (row.fields.size() != columns && row.fields.size() != titles.size()) {
    return record.wrong(fmt::format("{} fields where {} were expected", row.fields.size(),
                                    static_cast<std::size_t>(columns)));
  }
  return {};
}

Result<std::vector<SensorRow>> read_rows(csv::Reader reader, const std::string& name,
                                         const std::string& asset) {
  csv::Row row;
  const bool any = TRY(reader.next(row));
  if (!any) {
    return Error{Errc::invalid, fmt::format("{}:1: nothing where the titles were expected", name)};
  }
  TRY(check_titles(row, name));
  std::vector<SensorRow> rows;
  std::set<std::string> seen;
  for (;;) {
    const bool more = TRY(reader.next(row));
    if (!more) break;
    const Record record(row, name);
    TRY(check_shape(row, name));
    auto sensor = TRY(to_row(record, asset));
    if (!seen.insert(sensor.info.entity).second) {
      return record.wrong(tag, "a tag that is not there twice");
    }
    rows.push_back(std::move(sensor));
  }
  if (rows.empty()) return Error{Errc::invalid, fmt::format("{}:2: no sensor at all", name)};
  return rows;
}

}  // namespace

Result<std::vector<SensorRow>> read_sensor_list(const std::string& path, const std::string& asset) {
  auto reader = TRY(csv::Reader::open(path, {.delimiter = ','}));
  return read_rows(std::move(reader), path, asset);
}

Result<std::vector<SensorRow>> parse_sensor_list(std::string text, const std::string& name,
                                                 const std::string& asset) {
  return read_rows(csv::Reader::of(std::move(text), {.delimiter = ','}), name, asset);
}

}  // namespace sosie::wastewater
