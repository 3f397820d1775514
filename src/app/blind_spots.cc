#include "app/blind_spots.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>

namespace sosie::app {
namespace {

constexpr std::array<double, 8> tried_sizes{0.5, 1, 2, 3, 5, 8, 12, 20};  ///< spreads
constexpr double creep_size = 10;
constexpr std::size_t blamed_first = 3;
constexpr std::size_t many_columns = 40;  ///< from here on each is tried in one place only

/// What is added to a column's value in frame `i` of a stretch.
using Wrong = std::function<double(std::size_t i)>;

/// A stretch of the frames in which something is wrong, behind one in which nothing is.
struct StretchPlan {
  std::size_t quiet = 0;  ///< frames before, for detectors to know where they are
  std::size_t wrong = 0;
};

std::size_t frames_of(Duration span, Duration period, std::size_t least, std::size_t most) {
  return std::clamp(static_cast<std::size_t>(span / period), least, most);
}

class BlindSpotSearch {
 public:
  BlindSpotSearch(const Training& training, const ModelFile& model, const AssetColumns& columns,
                  std::span<const KeptFrame> frames, std::span<const models::ColumnFacts> facts)
      : training_(training), model_(model), columns_(columns), frames_(frames), facts_(facts) {}

  Result<BlindSpots> run() {
    spots_.columns.resize(columns_.size());
    plan();
    TRY(look_as_they_are());
    if (places_.empty()) return std::move(spots_);
    for (const std::size_t place : places_) {
      auto said = TRY(blamed(place, offset_, no_column, [](std::size_t) { return 0; }));
      usual_.push_back(std::move(said));
    }
    for (std::uint32_t i = 0; i < columns_.size(); ++i) {
      if (facts_[i].is_constant || !(facts_[i].spread > 0)) continue;
      TRY(search(i));
    }
    return std::move(spots_);
  }

 private:
  void plan() {
    const auto period = columns_.period;
    offset_ = {.quiet = frames_of(std::chrono::minutes(30), period, 60, 500),
               .wrong = frames_of(std::chrono::hours(2), period, 120, 1500)};
    creep_ = {.quiet = offset_.quiet,
              .wrong = frames_of(std::chrono::hours(12), period, 240, 3000)};
    const std::size_t whole = offset_.quiet + offset_.wrong;
    if (frames_.size() < whole) return;  // too few to say anything
    const auto room = frames_.size() - whole;
    places_ = {room / 4};
    if (columns_.size() <= many_columns && room >= whole) places_.push_back(room);
    creep_.wrong = std::min(creep_.wrong, frames_.size() - creep_.quiet);
    spots_.lasts = period * static_cast<Duration::rep>(offset_.wrong);
    spots_.creep_lasts = period * static_cast<Duration::rep>(creep_.wrong);
    spots_.places = places_.size();
  }

  Result<LooseWatch> fresh_watch() const {
    auto loose = TRY(make_watch(training_, {}));
    TRY(loose.watch->load(model_, columns_));
    return loose;
  }

  static Frame frame_of(const KeptFrame& kept, std::span<const double> values) {
    return {.at = kept.at, .values = values, .measured_at = kept.measured_at, .fresh = kept.fresh};
  }

  Result<void> look_as_they_are() {
    if (frames_.empty()) return {};
    const auto loose = TRY(fresh_watch());
    std::vector<FindingEvent> events;
    for (const auto& kept : frames_) loose.watch->take(frame_of(kept, kept.values), clock_, events);
    for (const auto& event : events) {
      if (event.what == FindingEvent::What::opened) ++spots_.findings;
    }
    const auto span = frames_.back().at - frames_.front().at + columns_.period;
    spots_.days = std::chrono::duration<double>(span).count() / 86'400;
    return {};
  }

  /// The columns that findings blame while `wrong` is added to `column`, with the frame of the
  /// stretch in which each was first blamed. Ends as soon as `column` is.
  Result<std::map<std::uint32_t, std::size_t>> blamed(std::size_t place, const StretchPlan& stretch,
                                                      std::uint32_t column, const Wrong& wrong) {
    const auto loose = TRY(fresh_watch());
    std::map<std::uint32_t, std::size_t> first;
    std::vector<FindingEvent> events;
    for (std::size_t i = 0; i < stretch.quiet + stretch.wrong; ++i) {
      const auto& kept = frames_[place + i];
      values_ = kept.values;
      const bool is_wrong = i >= stretch.quiet;
      if (is_wrong && column != no_column) values_[column] += wrong(i - stretch.quiet);
      events.clear();
      loose.watch->take(frame_of(kept, values_), clock_, events);
      if (!is_wrong) continue;
      for (const auto& event : events) note(event.finding, i - stretch.quiet, first);
      if (column != no_column && first.contains(column)) break;
    }
    return first;
  }

  void note(const Finding& finding, std::size_t frame,
            std::map<std::uint32_t, std::size_t>& first) const {
    const auto count = std::min(blamed_first, finding.suspects.size());
    for (std::size_t k = 0; k < count; ++k) {
      const auto at = std::ranges::find(columns_.series, finding.suspects[k].series);
      if (at == columns_.series.end()) continue;
      first.try_emplace(static_cast<std::uint32_t>(at - columns_.series.begin()), frame);
    }
  }

  /// The smallest size, in spreads, that is noticed at `place`; none: none is. Larger ones are
  /// taken to be noticed where smaller ones are.
  Result<std::optional<double>> least_size(std::uint32_t column, std::size_t place, double sign) {
    std::size_t low = 0;
    std::size_t high = tried_sizes.size();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      const double added = sign * tried_sizes[middle] * facts_[column].spread;
      const auto said = TRY(blamed(place, offset_, column, [&](std::size_t) { return added; }));
      if (said.contains(column)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    if (low == tried_sizes.size()) return std::optional<double>();
    return std::optional(tried_sizes[low]);
  }

  Result<void> search(std::uint32_t column) {
    const double spread = facts_[column].spread;
    BlindSpot spot{.largest_offset = tried_sizes.back() * spread,
                   .largest_creep = creep_size * spread};
    std::optional<double> largest = 0;
    bool is_measured = false;
    for (std::size_t p = 0; p < places_.size(); ++p) {
      if (usual_[p].contains(column)) continue;  // it is blamed there without anything added
      const auto size = TRY(least_size(column, places_[p], p % 2 == 0 ? 1 : -1));
      largest = largest && size ? std::optional(std::max(*largest, *size)) : std::nullopt;
      is_measured = true;
    }
    if (!is_measured) return {};
    if (largest) spot.offset = *largest * spread;
    const double step = spot.largest_creep / static_cast<double>(creep_.wrong);
    const auto said = TRY(blamed(0, creep_, column,
                                 [&](std::size_t i) { return step * static_cast<double>(i + 1); }));
    if (const auto found = said.find(column); found != said.end()) {
      spot.creep = step * static_cast<double>(found->second + 1);
    }
    spot.creep_per_day = step * 86'400 / std::chrono::duration<double>(columns_.period).count();
    spots_.columns[column] = spot;
    return {};
  }

  const Training& training_;
  const ModelFile& model_;
  const AssetColumns& columns_;
  std::span<const KeptFrame> frames_;
  std::span<const models::ColumnFacts> facts_;
  SystemClock clock_;
  StretchPlan offset_;
  StretchPlan creep_;
  std::vector<std::size_t> places_;                          ///< where stretches begin
  std::vector<std::map<std::uint32_t, std::size_t>> usual_;  ///< what is blamed at each anyway
  std::vector<double> values_;
  BlindSpots spots_;
};

}  // namespace

Result<BlindSpots> blind_spots(const Training& training, const ModelFile& model,
                               const AssetColumns& columns, std::span<const KeptFrame> frames,
                               std::span<const models::ColumnFacts> facts) {
  return BlindSpotSearch(training, model, columns, frames, facts).run();
}

}  // namespace sosie::app
