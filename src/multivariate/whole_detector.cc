#include "multivariate/whole_detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace sosie {
namespace {

constexpr std::size_t held_out_parts = 4;
constexpr std::size_t most_shares = 10;

/// The rows but those of one part, `most` of them at most, evenly.
std::vector<float> without(std::span<const float> rows, std::size_t width, std::size_t begin,
                           std::size_t end, std::size_t most) {
  const auto count = rows.size() / width;
  const auto left = count - (end - begin);
  const auto step = left / most + 1;
  std::vector<float> kept;
  kept.reserve((left / step + 1) * width);
  std::size_t seen = 0;
  for (std::size_t r = 0; r < count; ++r) {
    if (r >= begin && r < end) continue;
    if (seen++ % step != 0) continue;
    const auto row = rows.subspan(r * width, width);
    kept.insert(kept.end(), row.begin(), row.end());
  }
  return kept;
}

constexpr std::size_t most_learned = 4096;  ///< rows that a statistic is learned from

}  // namespace

WholeDetector::WholeDetector(std::string_view name, std::uint32_t version, Config config, Make make)
    : name_(name),
      version_(version),
      config_(std::move(config)),
      make_(std::move(make)),
      allowed_per_day_(config_.allowed_per_day),
      rows_(config_.rows),
      latch_(config_.latch) {
  latch_.resize(1);
}

Result<void> WholeDetector::read(Section& section, Config& config) {
  for (const auto& [key, span] :
       {std::pair("sample", &config.rows.sample), std::pair("adapt", &config.rows.adapt)}) {
    *span = TRY(section.duration(key, *span));
    if (*span <= Duration{}) return section.wrong(key, "expected a duration above 0");
  }
  const auto rows = TRY(section.integer("rows", static_cast<std::int64_t>(config.rows.rows)));
  if (rows < static_cast<std::int64_t>(2 * AssetRows::least_rows)) {
    return section.wrong("rows", fmt::format("expected {} or more", 2 * AssetRows::least_rows));
  }
  config.rows.rows = static_cast<std::size_t>(rows);
  config.allowed_per_day = TRY(section.number("false_alarms_per_day", config.allowed_per_day));
  if (!(config.allowed_per_day > 0)) {
    return section.wrong("false_alarms_per_day", "expected a number above 0");
  }
  config.latch.on_delay = TRY(section.duration("on_delay", config.latch.on_delay));
  config.latch.off_delay = TRY(section.duration("hold", config.latch.off_delay));
  return {};
}

void WholeDetector::begin(const AssetColumns& columns) {
  rows_.begin(columns);
}

void WholeDetector::learn(const Frame& frame) {
  if (rows_.take(frame)) rows_.remember();
}

/// What the statistic gives for each row when it was learned from the other parts.
std::vector<double> WholeDetector::hold_out(std::span<const float> rows) {
  const auto width = rows_.windows().all().size();
  const auto count = rows.size() / width;
  std::vector<double> values;
  std::vector<double> found;
  for (std::size_t part = 0; part < held_out_parts; ++part) {
    const auto begin = part * count / held_out_parts;
    const auto end = (part + 1) * count / held_out_parts;
    const auto statistic = make_();
    statistic->learn(without(rows, width, begin, end, most_learned), rows_.width());
    found.resize(statistic->count());
    values.reserve(count * found.size());
    for (auto r = begin; r < end; ++r) {
      statistic->measure(rows.subspan(r * width, width), found);
      values.insert(values.end(), found.begin(), found.end());
    }
  }
  return values;
}

Result<void> WholeDetector::settle() {
  if (!rows_.learn()) return {};
  const auto rows = rows_.learned();
  const auto values = hold_out(rows);
  auto made = make_();
  made->learn(without(rows, rows_.windows().all().size(), 0, 0, most_learned), rows_.width());
  calibration_ =
      fusion::Calibration::fit(values, made->count(), rows_.rows_a_day(), allowed_per_day_);
  statistic_ = std::move(made);
  values_.assign(statistic_->count(), 0.0);
  return {};
}

void WholeDetector::look(const Frame& frame, SymptomSink& out) {
  if (!rows_.take(frame) || !statistic_) return;
  rows_.step(latch_.is_active(0));
  statistic_->measure(rows_.windows().all(), values_);
  std::size_t which = 0;
  const double level = calibration_.surprise(values_, which) / calibration_.limit.on;
  const auto step = latch_.step(0, frame.at, level);
  if (step != Latches::Step::none) report(frame, step, level, which, out);
}

/// The columns with the largest parts, by their squares.
void WholeDetector::share_out() {
  shares_.clear();
  double sum = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const double square = parts_[i] * parts_[i];
    if (rows_.place(i) == no_column || !(square > 0)) continue;
    sum += square;
    shares_.push_back({.column = rows_.place(i), .share = square, .contribution = parts_[i]});
  }
  const auto some = std::min(most_shares, shares_.size());
  std::ranges::partial_sort(shares_, shares_.begin() + static_cast<std::ptrdiff_t>(some),
                            std::greater{}, &Share::share);
  shares_.resize(some);
  for (auto& share : shares_) share.share /= sum;
}

void WholeDetector::report(const Frame& frame, Latches::Step step, double level, std::size_t which,
                           SymptomSink& out) {
  parts_.assign(rows_.width(), 0.0);
  statistic_->parts(rows_.windows().all(), which, parts_);
  share_out();
  const auto top = std::ranges::max_element(
      parts_, [](double a, double b) { return std::abs(a) < std::abs(b); });
  const auto i = static_cast<std::size_t>(top - parts_.begin());
  out.report({.detector = name_,
              .kind = SymptomKind::multivariate,
              .active = step != Latches::Step::ended,
              .at = frame.at,
              .since = latch_.since(0),
              .until = latch_.last_over(0),
              .score = score_of(latch_.peak(0)),
              .value = rows_.value(i),
              .expected = rows_.value(i) - parts_[i] * rows_.scale(i),
              .low = rows_.value(i) - (parts_[i] + 2) * rows_.scale(i),
              .high = rows_.value(i) - (parts_[i] - 2) * rows_.scale(i),
              .shares = shares_,
              .anomaly = level});
}

std::string WholeDetector::save() const {
  if (!statistic_) return {};
  ModelWriter writer(name_, version_);
  rows_.save(writer);
  writer.number(calibration_.limit.on);
  writer.integer(calibration_.tails.size());
  for (const auto& tail : calibration_.tails) writer.numbers(tail.numbers());
  writer.integer(calibration_.limit.episodes);
  writer.number(calibration_.limit.days);
  statistic_->save(writer);
  return std::move(writer).finish();
}

Result<void> WholeDetector::load(std::string_view model) {
  auto reader = TRY(ModelReader::open(model, name_, version_));
  statistic_.reset();  // what is not loaded whole is nothing
  TRY(rows_.load(reader));
  fusion::Calibration calibration;
  calibration.limit.on = TRY(reader.number());
  const auto tails = TRY(reader.count(sizeof(std::uint64_t)));
  for (std::size_t i = 0; i < tails; ++i) {
    const auto row = TRY(reader.numbers());
    std::array<double, 4> numbers{};
    if (row.size() != numbers.size()) {
      return Error{Errc::corrupt, fmt::format("a model of {}: a tail of {} numbers, expected {}",
                                              name_, row.size(), numbers.size())};
    }
    std::ranges::copy(row, numbers.begin());
    calibration.tails.push_back(fusion::Tail::of(numbers));
  }
  calibration.limit.episodes = TRY(reader.integer());
  calibration.limit.days = TRY(reader.number());
  auto made = make_();
  TRY(made->load(reader, rows_.width()));
  if (made->count() != tails || !(calibration.limit.on > 0)) {
    return Error{Errc::corrupt, fmt::format("a model of {}: {} tails of {} statistics", name_,
                                            tails, made->count())};
  }
  statistic_ = std::move(made);
  calibration_ = std::move(calibration);
  values_.assign(tails, 0.0);
  return {};
}

}  // namespace sosie
