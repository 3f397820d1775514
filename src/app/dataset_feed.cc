#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "app/feed.h"
#include "app/plant_of.h"
#include "base/text.h"
#include "base/time_text.h"
#include "tabular/sheet.h"
#include "wire/json/file.h"

namespace sosie::app {
namespace {

constexpr std::size_t most_line_bytes = 16U << 20U;

/// The plant's sensors by the names that a dataset gives them; empty: the scenario has no plant.
std::map<std::string, SeriesInfo> described_sensors(const std::string& scenario,
                                                    const Catalog& catalog) {
  std::map<std::string, SeriesInfo> by_name;
  const auto plant = make_plant(scenario, catalog);
  if (!plant) return by_name;
  for (const auto& info : sensors_of(**plant)) {
    by_name.emplace(info.entity.str(), info);
    by_name.emplace(info.name(), info);
  }
  return by_name;
}

/// Each line of a file of JSON lines. Errors say file and line.
template <class Take>
Result<void> read_lines(const std::string& path, Take take) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return Error{Errc::not_found, fmt::format("{}: cannot be read", path)};
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (trim(line).empty()) continue;
    auto read = json::parse_file(line, most_line_bytes);
    if (!read) return std::move(read).error().in(fmt::format("{}:{}", path, number));
    if (auto taken = take(*read); !taken) {
      return std::move(taken).error().in(fmt::format("{}:{}", path, number));
    }
  }
  return {};
}

Result<std::string> text_of(const json::Value& line, std::string_view key) {
  const auto* const member = line.find(key);
  const auto* const text = member == nullptr ? nullptr : member->text();
  if (text == nullptr) {
    return Error{Errc::invalid, fmt::format("'{}' is {}; expected a text", key,
                                            member == nullptr ? "not there" : member->kind())};
  }
  return *text;
}

Result<Timestamp> time_of(const json::Value& line, std::string_view key) {
  const auto text = TRY(text_of(line, key));
  const auto at = from_iso8601(text);
  if (!at) {
    return Error{Errc::invalid,
                 fmt::format("'{}' is '{}'; expected a time as 2026-11-30T07:00:00Z", key, text)};
  }
  return *at;
}

Result<Label> label_of(const json::Value& line) {
  Label label;
  const auto family = TRY(text_of(line, "family"));
  const auto kind = kind_from_text(family);
  if (!kind) {
    return Error{Errc::invalid,
                 fmt::format("'family' is '{}'; expected one of the five kinds", family)};
  }
  label.kind = *kind;
  label.scenario = TRY(text_of(line, "scenario"));
  label.start = TRY(time_of(line, "t_inject_start"));
  const bool has_traces = line.find("t_label_end") != nullptr;  // others' data may have none
  label.end = TRY(time_of(line, has_traces ? "t_label_end" : "t_inject_end"));
  if (const auto* targets = line.find("targets"); targets != nullptr && targets->list()) {
    for (const auto& target : *targets->list()) {
      if (target.text() != nullptr) label.direct.push_back(*target.text());
    }
  }
  if (const auto* followed = line.find("consequences"); followed != nullptr && followed->list()) {
    for (const auto& one : *followed->list()) {
      const auto* const tag = one.find("tag");
      if (tag != nullptr && tag->text() != nullptr) label.consequences.push_back(*tag->text());
    }
  }
  if (const auto* size = line.find("size"); size != nullptr) {
    label.size = size->number().value_or(0);
  }
  label.over = true;
  return label;
}

/// A stretch in which a sensor was calibrated.
struct CalibrationStay {
  std::size_t column = 0;
  Timestamp start;
  Timestamp end;
};

class DatasetFeed final : public Feed {
 public:
  DatasetFeed(tabular::Sheet sheet, std::string folder)
      : sheet_(std::move(sheet)), folder_(std::move(folder)) {}

  Result<void> prepare(const std::string& scenario, const Catalog& catalog) {
    const auto described = described_sensors(scenario, catalog);
    for (const auto& column : sheet_.columns()) {
      const auto known = described.find(column.name);
      SeriesInfo info;
      if (known != described.end()) info = known->second;
      if (known == described.end()) {
        ++undescribed_;
        info.entity = column.name;
        info.attribute = "value";
      }
      info.asset = "dataset";
      columns_.emplace(column.name, series_.size());
      series_.push_back(info);
    }
    if (!described.empty() && undescribed_ == series_.size()) {
      return Error{Errc::invalid, fmt::format("{}: none of its {} sensors is of the plant in {}",
                                              folder_, series_.size(), scenario)};
    }
    const auto take = [&](const json::Value& line) -> Result<void> {
      auto label = TRY(label_of(line));
      label.id = labels_.size() + 1;
      for (auto* const names : {&label.direct, &label.consequences}) rename(*names);
      if (const auto* seen = line.find("detectable"); seen != nullptr && seen->flag() != nullptr) {
        undetectable_ += *seen->flag() ? 0 : 1;
      }
      labels_.push_back(std::move(label));
      return {};
    };
    TRY(read_lines(folder_ + "/events.jsonl", take));
    return read_services();
  }

  const std::vector<SeriesInfo>& series() const override { return series_; }
  Duration period() const override { return period_; }
  std::vector<Label> labels() const override { return labels_; }

  Result<bool> next(FeedRow& row) override {
    if (ahead_ < first_.size()) {
      row = first_[ahead_++];
      return true;
    }
    return read(row);
  }

  std::vector<std::string> notes() const override {
    std::vector<std::string> notes = sheet_.notes();
    notes.emplace_back("simulated data: a real plant's faults differ");
    if (undescribed_ > 0) {
      notes.push_back(
          fmt::format("{} columns are no sensors of the scenario: their units, ranges "
                      "and places are not known",
                      undescribed_));
    }
    if (undetectable_ > 0) {
      notes.push_back(
          fmt::format("{} of the labelled events moved fewer than a dozen values; they "
                      "count as the others do",
                      undetectable_));
    }
    return notes;
  }

  /// Looks at the first rows for the period.
  Result<void> look_ahead() {
    constexpr std::size_t rows = 32;
    std::vector<Duration> steps;
    for (FeedRow row; first_.size() < rows;) {
      const bool more = TRY(read(row));
      if (!more) break;
      if (!first_.empty()) steps.push_back(row.at - first_.back().at);
      first_.push_back(row);
    }
    if (steps.empty()) return Error{Errc::invalid, folder_ + "/readings.csv: has no two rows"};
    const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::ranges::nth_element(steps, middle);
    period_ = *middle;
    return {};
  }

 private:
  /// A label names sensors as the file does; the scoreboard wants the series' own names.
  void rename(std::vector<std::string>& names) const {
    for (auto& name : names) {
      const auto known = columns_.find(name);
      if (known != columns_.end()) name = series_[known->second].name();
    }
  }

  Result<void> read_services() {
    const auto path = folder_ + "/maintenance.jsonl";
    if (!std::ifstream(path).is_open()) return {};  // others' data may have none
    const auto take = [&](const json::Value& line) -> Result<void> {
      const auto tag = TRY(text_of(line, "tag"));
      const auto* const kind = line.find("kind");
      // Nobody is at a filter that washes itself: its sensors are judged.
      if (kind != nullptr && kind->text() != nullptr && *kind->text() == "backwash") return {};
      const auto start = TRY(time_of(line, "start"));
      const auto end = TRY(time_of(line, "end"));
      const auto known = columns_.find(tag);
      if (known != columns_.end()) services_.push_back({known->second, start, end});
      return {};
    };
    TRY(read_lines(path, take));
    std::ranges::sort(services_, {}, &CalibrationStay::start);
    return {};
  }

  Result<bool> read(FeedRow& row) {
    for (;;) {
      const bool more = TRY(sheet_.next(read_));
      if (!more) return false;
      if (read_.at && *read_.at > last_) break;
    }
    last_ = row.at = *read_.at;
    row.values = read_.values;
    row.is_maintained.assign(row.values.size(), 0);
    while (next_service_ < services_.size() && services_[next_service_].start <= row.at) {
      at_work_.push_back(services_[next_service_++]);
    }
    std::erase_if(at_work_, [&](const CalibrationStay& service) { return service.end <= row.at; });
    for (const auto& service : at_work_) row.is_maintained[service.column] = 1;
    return true;
  }

  tabular::Sheet sheet_;
  tabular::SheetRow read_;
  std::string folder_;
  std::vector<SeriesInfo> series_;
  std::map<std::string, std::size_t> columns_;
  std::vector<Label> labels_;
  std::vector<CalibrationStay> services_;  ///< by start
  std::vector<CalibrationStay> at_work_;
  std::size_t next_service_ = 0;
  std::vector<FeedRow> first_;
  std::size_t ahead_ = 0;
  Timestamp last_{Timestamp::min()};
  Duration period_{};
  std::size_t undescribed_ = 0;
  std::size_t undetectable_ = 0;
};

}  // namespace

Result<std::unique_ptr<Feed>> open_dataset(const std::string& folder, const std::string& scenario,
                                           const Catalog& catalog) {
  constexpr std::size_t sample_rows = 2000;
  auto sheet = TRY(tabular::Sheet::open(
      folder + "/readings.csv",
      {.time = "time", .label = "", .ignore = {}, .sample_rows = sample_rows}));
  if (!sheet.has_times()) {
    return Error{Errc::invalid, folder + "/readings.csv: its column 'time' holds no times"};
  }
  auto feed = std::make_unique<DatasetFeed>(std::move(sheet), folder);
  TRY(feed->prepare(scenario, catalog));
  TRY(feed->look_ahead());
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace sosie::app
