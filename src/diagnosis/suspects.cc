#include "diagnosis/suspects.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace sosie::diagnosis {
namespace {

/// What a sign adds to the suspicion of its column: how many limits it is off by (statistics'
/// score_of undone), as scores are all near 1 where several sensors are far off. A machine that
/// says itself that it has failed needs no second witness.
double weight_of(const Sign& sign) {
  constexpr double most = 10;
  const double limits = std::min(most, -std::log2(1 - std::min(sign.score, 0.9999)));
  if (sign.kind == SymptomKind::command) return 3 * most * sign.score;
  return is_of_device(sign.kind) ? 1.5 * limits : limits;
}

/// Whether a sign's value and band are in the sensor's own unit.
bool speaks_of_value(SymptomKind kind) {
  return kind != SymptomKind::noise && kind != SymptomKind::missing &&
         kind != SymptomKind::multivariate && kind != SymptomKind::limit;
}

/// The better of two signs to say what a sensor should have shown.
int rank_of(SymptomKind kind) {
  switch (kind) {
    case SymptomKind::residual:
    case SymptomKind::drift:
      return 3;
    case SymptomKind::deviation:
      return 2;
    default:
      return 1;
  }
}

/// Where suspects sit while signs are heard.
class Bench {
 public:
  Bench(const Asset& asset, std::span<const double> values) : asset_(asset), values_(values) {}

  void hear(const Sign& sign) {
    for (const auto& share : sign.shares) {
      if (share.share < 0.02) continue;
      auto& accused = seats_[seat_of(share.column)].suspect;
      accused.share += sign.score * share.share;
      if (sign.detector == "forest") accused.contribution = share.contribution;
    }
    if (sign.column == no_column) return;
    auto& seat = seats_[seat_of(sign.column)];
    seat.suspect.share += sign.kind == SymptomKind::multivariate ? 0 : weight_of(sign);
    if (speaks_of_value(sign.kind) && rank_of(sign.kind) > seat.rank) {
      seat.rank = rank_of(sign.kind);
      seat.suspect.expected = sign.expected;
      seat.suspect.low = sign.low;
      seat.suspect.high = sign.high;
    }
  }

  std::vector<Suspect> verdict(std::size_t most) && {
    std::vector<Suspect> found;
    found.reserve(seats_.size());
    for (const auto& seat : seats_) found.push_back(seat.suspect);
    std::ranges::stable_sort(found, std::greater{}, &Suspect::share);
    if (found.size() > most) found.resize(most);
    double sum = 0;
    for (const auto& s : found) sum += s.share;
    const auto n = static_cast<double>(found.size());
    for (auto& s : found) s.share = sum > 0 ? s.share / sum : 1.0 / n;
    return found;
  }

 private:
  struct Seat {
    std::uint32_t column = 0;
    int rank = 0;  ///< of the sign that said what was expected
    Suspect suspect;
  };

  std::size_t seat_of(std::uint32_t column) {
    const auto known = std::ranges::find(seats_, column, &Seat::column);
    if (known != seats_.end()) return static_cast<std::size_t>(known - seats_.begin());
    const double now = column < values_.size() ? values_[column] : 0;
    const double value = std::isnan(now) ? 0 : now;
    Seat seat{.column = column, .rank = 0, .suspect = {}};
    seat.suspect.series = asset_.columns[column].series;
    seat.suspect.value = seat.suspect.expected = seat.suspect.low = seat.suspect.high = value;
    seats_.push_back(seat);
    return seats_.size() - 1;
  }

  const Asset& asset_;
  std::span<const double> values_;
  std::vector<Seat> seats_;
};

}  // namespace

std::vector<Suspect> suspects(const Asset& asset, const Episode& episode,
                              std::span<const double> values, std::size_t most) {
  Bench bench(asset, values);
  for (const auto& sign : episode.signs) bench.hear(sign);
  return std::move(bench).verdict(most);
}

}  // namespace sosie::diagnosis
