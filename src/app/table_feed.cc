#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/feed.h"
#include "app/label_windows.h"
#include "tabular/sheet.h"

namespace sosie::app {
namespace {

/// Rows of a table, in order of time; what goes back in time is left out, as a frame is out then.
class TableRows final : public Feed {
 public:
  TableRows(tabular::Sheet sheet, const TableFeed& options)
      : sheet_(std::move(sheet)), options_(options) {
    for (const auto& column : sheet_.columns()) {
      SeriesInfo info;
      info.entity = column.name;
      info.attribute = "value";
      info.asset = "table";
      series_.push_back(info);
    }
  }

  Result<void> prepare() {
    if (!sheet_.has_times()) {
      return Error{Errc::invalid,
                   fmt::format("{}: has no times that can be read; a scenario's detectors need "
                               "them: name their column by --time",
                               options_.input)};
    }
    if (!options_.windows.empty()) {
      windows_ = TRY(read_windows(options_.windows, options_.input));
    }
    return look_ahead();
  }

  const std::vector<SeriesInfo>& series() const override { return series_; }
  Duration period() const override { return period_; }

  Result<bool> next(FeedRow& row) override {
    if (ahead_ < first_.size()) {
      row = first_[ahead_++];
      return true;
    }
    return read(row);
  }

  std::vector<Label> labels() const override {
    if (!options_.windows.empty()) {
      std::vector<Label> labels;
      for (const auto& window : windows_) add(labels, window.begin, window.end);
      return labels;
    }
    if (!sheet_.has_labels()) return {};
    const auto abnormal = tabular::abnormal_labels(sheet_.label_texts(), counts_);
    std::vector<Label> labels;
    for (const auto& stretch : stretches_) {
      if (abnormal[stretch.code]) add(labels, stretch.begin, stretch.end);
    }
    return labels;
  }

  std::vector<std::string> notes() const override {
    auto notes = sheet_.notes();
    const auto tell = [&](std::uint64_t rows, std::string_view what) {
      if (rows > 0) notes.push_back(fmt::format("{} rows {} are left out", rows, what));
    };
    tell(without_time_, "without a time");
    tell(repeated_, "with the time of the row before (repeated)");
    tell(back_, "that go back in time");
    if (sheet_.has_labels()) {
      const auto abnormal = tabular::abnormal_labels(sheet_.label_texts(), counts_);
      std::vector<std::string> normal;
      for (std::size_t i = 0; i < abnormal.size(); ++i) {
        if (!abnormal[i]) normal.push_back("'" + sheet_.label_texts()[i] + "'");
      }
      notes.push_back(
          fmt::format("labels: {} means normal, all else abnormal", fmt::join(normal, " or ")));
    }
    return notes;
  }

 private:
  /// Rows of one label, one behind the other.
  struct Stretch {
    std::uint32_t code = 0;
    Timestamp begin;
    Timestamp end;
  };

  static void add(std::vector<Label>& labels, Timestamp begin, Timestamp end) {
    Label label;
    label.id = labels.size() + 1;
    label.start = begin;
    label.end = end;
    label.over = true;
    labels.push_back(std::move(label));
  }

  Result<void> look_ahead() {
    constexpr std::size_t rows = 500;
    std::vector<Duration> steps;
    for (FeedRow row; first_.size() < rows;) {
      const bool more = TRY(read(row));
      if (!more) break;
      if (!first_.empty()) steps.push_back(row.at - first_.back().at);
      first_.push_back(row);
    }
    if (steps.empty()) return Error{Errc::invalid, options_.input + ": has no two rows with times"};
    const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::ranges::nth_element(steps, middle);
    period_ = *middle;
    return {};
  }

  Result<bool> read(FeedRow& row) {
    for (;;) {
      const bool more = TRY(sheet_.next(read_));
      if (!more) return false;
      if (read_.at && *read_.at > last_) break;
      ++(!read_.at ? without_time_ : *read_.at == last_ ? repeated_ : back_);
    }
    last_ = row.at = *read_.at;
    row.values = read_.values;
    row.is_maintained.assign(row.values.size(), 0);
    if (sheet_.has_labels()) {
      if (read_.label >= counts_.size()) counts_.resize(read_.label + 1);
      ++counts_[read_.label];
      if (stretches_.empty() || stretches_.back().code != read_.label) {
        stretches_.push_back({read_.label, row.at, row.at});
      }
      stretches_.back().end = row.at;
    }
    return true;
  }

  tabular::Sheet sheet_;
  tabular::SheetRow read_;
  TableFeed options_;
  std::vector<SeriesInfo> series_;
  std::vector<sosie::Span> windows_;
  std::vector<Stretch> stretches_;
  std::vector<std::uint64_t> counts_;  ///< rows of each label's code
  std::vector<FeedRow> first_;
  std::size_t ahead_ = 0;
  std::uint64_t without_time_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t back_ = 0;
  Timestamp last_{Timestamp::min()};
  Duration period_{};
};

}  // namespace

Result<std::unique_ptr<Feed>> open_table(const TableFeed& options) {
  auto sheet = TRY(tabular::Sheet::open(
      options.input, {.time = options.time, .label = options.label, .ignore = options.ignore}));
  auto feed = std::make_unique<TableRows>(std::move(sheet), options);
  TRY(feed->prepare());
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace sosie::app
