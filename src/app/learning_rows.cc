#include "app/learning_rows.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "base/time_text.h"
#include "cases/answer.h"
#include "engine/frame_builder.h"

namespace sosie::app {
namespace {

constexpr std::size_t most_columns_named = 8;

std::string list_of(std::vector<std::string> names) {
  const bool is_cut = names.size() > most_columns_named;
  if (is_cut) names.resize(most_columns_named);
  return fmt::format("{}{}", fmt::join(names, ", "), is_cut ? " …" : "");
}

/// A column's series: the one with that name, or of that entity or attribute where it is the only
/// such, in any case and with any accents.
std::optional<std::size_t> series_of(const std::string& column,
                                     const std::vector<SeriesInfo>& known) {
  std::optional<std::size_t> found;
  bool is_only = true;
  const auto wanted = slug(column);
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i].name() == column) return i;
    if (slug(known[i].name()) != wanted && slug(known[i].entity.str()) != wanted &&
        slug(known[i].attribute.str()) != wanted) {
      continue;
    }
    is_only = !found;
    found = i;
  }
  return is_only ? found : std::nullopt;
}

class TableLearning final : public LearningRows {
 public:
  TableLearning(TableRequest request, std::unique_ptr<Feed> feed)
      : request_(std::move(request)), feed_(std::move(feed)) {}

  Result<void> bind() {
    std::vector<std::string> strange;
    std::vector<std::string> columns;
    std::set<std::size_t> taken;
    for (const auto& one : feed_->series()) {
      columns.emplace_back(one.entity.str());
      SeriesInfo info = one;
      info.asset = request_.asset;
      if (request_.known.empty()) {
        name_freely(info);
      } else {
        const auto place = series_of(one.entity.str(), request_.known);
        if (!place || !taken.insert(*place).second) {
          strange.emplace_back(one.entity.str());
          ids_.emplace_back(std::nullopt);
          continue;
        }
        info = request_.known[*place];
        if (info.asset.empty()) info.asset = request_.asset;
      }
      ids_.emplace_back(series_.declare(info));
    }
    if (series_.size() == 0) return nothing_fits(columns);
    if (!strange.empty()) {
      binding_notes_.push_back(
          fmt::format("{} columns are no series of the scenario and are left out: {}",
                      strange.size(), list_of(strange)));
    }
    tell_absent(taken);
    FrameBuilder frames(request_.asset, request_.period, series_);
    frames.refresh();
    columns_ = frames.columns();
    for (const auto& id : ids_) {
      const auto at = id ? std::ranges::find(columns_.series, *id) : columns_.series.end();
      places_.push_back(at == columns_.series.end() ? std::nullopt
                                                    : std::optional(static_cast<std::size_t>(
                                                          at - columns_.series.begin())));
    }
    return {};
  }

  const SeriesTable& series() const override { return series_; }
  const AssetColumns& columns() const override { return columns_; }

  Result<models::SurveyFacts> survey() override {
    models::Survey survey(columns_.size());
    std::vector<double> values(columns_.size());
    TRY(each_row([&](const FeedRow& row) {
      for (std::size_t i = 0; i < places_.size(); ++i) {
        if (places_[i]) values[*places_[i]] = row.values[i];
      }
      survey.take(row.at, values);
      return true;
    }));
    return survey.finish();
  }

  Result<void> play(const Take& take) override {
    FrameBuilder frames(request_.asset, request_.period, series_);
    frames.refresh();
    bool goes_on = true;
    const FrameBuilder::Closed closed = [&](const Frame& frame) {
      goes_on = goes_on && take(frame);
    };
    TRY(each_row([&](const FeedRow& row) {
      frames.advance(row.at, closed);
      for (std::size_t i = 0; i < ids_.size(); ++i) {
        if (!ids_[i] || std::isnan(row.values[i])) continue;
        frames.add({.at = row.at, .value = row.values[i], .series = *ids_[i]}, closed);
      }
      return goes_on;
    }));
    return {};
  }

  Result<Blanks> known_faults() override {
    Blanks blanks;
    for (const auto& label : labels_) {
      // A frame has the time at which its period begins.
      blanks.add_all(label.start - request_.period, label.end);
    }
    return blanks;
  }

  std::vector<std::string> notes() const override {
    auto notes = read_notes_;
    notes.insert(notes.end(), binding_notes_.begin(), binding_notes_.end());
    if (!labels_.empty()) {
      notes.push_back(fmt::format("{} labelled stretches are not learned from", labels_.size()));
    }
    return notes;
  }

 private:
  /// "boiler.flow" is the flow of the boiler; all else is an entity with one value.
  static void name_freely(SeriesInfo& info) {
    const std::string name = info.entity.str();
    const auto dot = name.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == name.size()) return;
    info.entity = name.substr(0, dot);
    info.attribute = name.substr(dot + 1);
  }

  Result<void> nothing_fits(const std::vector<std::string>& columns) const {
    std::vector<std::string> names;
    names.reserve(request_.known.size());
    for (const auto& info : request_.known) names.push_back(info.name());
    return Error{Errc::invalid,
                 fmt::format("{}: none of its columns ({}) is a series of the scenario; expected "
                             "such as {}. Without SCENARIO one is made for the table",
                             request_.table.input, list_of(columns), list_of(names))};
  }

  void tell_absent(const std::set<std::size_t>& taken) {
    if (request_.known.empty() || taken.size() == request_.known.size()) return;
    std::vector<std::string> absent;
    for (std::size_t i = 0; i < request_.known.size(); ++i) {
      if (!taken.contains(i)) absent.push_back(request_.known[i].name());
    }
    binding_notes_.push_back(
        fmt::format("{} of the scenario's {} series are not in the table, and not learned: {}",
                    absent.size(), request_.known.size(), list_of(absent)));
  }

  template <class See>
  Result<void> each_row(const See& see) {
    if (!feed_) feed_ = TRY(open_table(request_.table));
    const auto feed = std::move(feed_);
    FeedRow row;
    for (std::size_t rows = 0; request_.rows == 0 || rows < request_.rows; ++rows) {
      const bool more = TRY(feed->next(row));
      if (!more || !see(row)) break;
    }
    // Whoever ended it early has not seen all there is to say.
    if (auto labels = feed->labels(); labels.size() >= labels_.size()) {
      labels_ = std::move(labels);
      read_notes_ = feed->notes();
    }
    return {};
  }

  TableRequest request_;
  std::unique_ptr<Feed> feed_;  ///< opened, and not read yet
  SeriesTable series_;
  std::vector<std::optional<SeriesId>> ids_;        ///< of each column of the table
  std::vector<std::optional<std::size_t>> places_;  ///< the same among those of the frames
  AssetColumns columns_;
  std::vector<Label> labels_;
  std::vector<std::string> read_notes_;
  std::vector<std::string> binding_notes_;
};

class StoredLearning final : public LearningRows {
 public:
  StoredLearning(Stored stored, const Plan& plan, Span span)
      : stored_(std::move(stored)),
        span_(span),
        tape_(*stored_.store, *stored_.series, plan.info.asset, plan.frame_period, span.from,
              span.to) {}

  const SeriesTable& series() const override { return *stored_.series; }
  const AssetColumns& columns() const override { return tape_.columns(); }
  Result<void> play(const Take& take) override { return tape_.play(take); }

  Result<models::SurveyFacts> survey() override {
    models::Survey survey(columns().size());
    TRY(tape_.play([&](const Frame& frame) {
      survey.take(frame.at, frame.values);
      return true;
    }));
    auto facts = survey.finish();
    if (facts.rows == 0) {
      return Error{Errc::not_found,
                   fmt::format("nothing of '{}' is stored from {} to {}", columns().asset,
                               to_iso8601(span_.from), to_iso8601(span_.to))};
    }
    return facts;
  }

  Result<Blanks> known_faults() override {
    std::vector<cases::Answer> answers;
    TRY(stored_.store->documents("finding_answer", [&](std::string_view, std::string_view body) {
      if (auto answer = cases::answer_from_json(body)) answers.push_back(std::move(*answer));
      return true;
    }));
    return blanks_of(*stored_.store, answers, span_.from, span_.to);
  }

  std::vector<std::string> notes() const override { return {}; }

 private:
  Stored stored_;
  Span span_;
  StoredTape tape_;
};

}  // namespace

Result<std::unique_ptr<LearningRows>> open_table_rows(const TableRequest& request) {
  auto feed = TRY(open_table(request.table));
  auto rows = std::make_unique<TableLearning>(request, std::move(feed));
  TRY(rows->bind());
  return std::unique_ptr<LearningRows>(std::move(rows));
}

Result<std::unique_ptr<LearningRows>> open_stored_rows(const Place& place, const Plan& plan,
                                                       const std::string& from,
                                                       const std::string& to) {
  auto stored = TRY(Stored::open(place));
  const auto span = TRY(read_span(from, to, *stored.store));
  return std::unique_ptr<LearningRows>(
      std::make_unique<StoredLearning>(std::move(stored), plan, span));
}

}  // namespace sosie::app
