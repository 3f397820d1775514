#include "diagnosis/suspects.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "diagnosis/voice.h"

namespace sosie::diagnosis {
namespace {

/// What a sign adds to the suspicion of its column: how many limits it is off by, as scores are all
/// near 1 where several sensors are far off. A machine that says itself that it has failed needs no
/// second witness.
double weight_of(const Sign& sign) {
  constexpr double witnesses = 30;
  const double limits = limits_of(sign.score);
  if (sign.kind == SymptomKind::command) return witnesses * sign.score;
  return is_of_device(sign.kind) ? 1.5 * limits : limits;
}

/// What a column shows and should have shown, as it is told.
void put_numbers(const Asset& asset, const Episode& episode, std::span<const double> values,
                 const Recent& recent, std::uint32_t column, Suspect& out) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  out.series = asset.columns[column].series;
  out.value = told_value(episode, column, column < values.size() ? values[column] : nan);
  const Sign* const telling = telling_sign(episode, column);
  const auto usual = recent.usual(column, episode.onset);
  Band band{.low = nan, .high = nan};
  if (telling != nullptr) {
    out.expected = telling->expected;
    band = {.low = telling->low, .high = telling->high};
  } else {
    out.expected = usual ? usual->mean : nan;
    if (usual) band = {.low = usual->low, .high = usual->high};
  }
  band = told_band(band.low, band.high, *asset.columns[column].info);
  out.low = band.low;
  out.high = band.high;
}

/// Where suspects sit while signs are heard.
class Bench {
 public:
  struct Seat {
    std::uint32_t column = 0;
    double weight = 0;
    double contribution = 0;
  };

  /// `contributions`: of each column, where no sign has them; may be empty.
  explicit Bench(std::span<const double> contributions) : contributions_(contributions) {}

  void hear(const Sign& sign) {
    for (const auto& share : sign.shares) {
      if (share.share < 0.02) continue;
      auto& accused = seat_of(share.column);
      accused.weight += sign.score * share.share;
      if (sign.detector == "forest") accused.contribution = share.contribution;
    }
    if (sign.column == no_column) return;
    seat_of(sign.column).weight += sign.kind == SymptomKind::multivariate ? 0 : weight_of(sign);
  }

  /// What a loop moves answers to the sensor that it hears: that one is likelier to be off than
  /// they are, and comes before them.
  void hear(const Asset::Loop& loop) {
    constexpr double before = 1.1;
    double moved = 0;
    for (const auto& seat : seats_) {
      if (seat.column != loop.hears) moved += seat.weight;
    }
    seat_of(loop.hears).weight += before * moved;
  }

  /// The heaviest first.
  std::vector<Seat> verdict(std::size_t most) && {
    std::ranges::stable_sort(seats_, std::greater{}, &Seat::weight);
    if (seats_.size() > most) seats_.resize(most);
    return std::move(seats_);
  }

 private:
  Seat& seat_of(std::uint32_t column) {
    const auto known = std::ranges::find(seats_, column, &Seat::column);
    if (known != seats_.end()) return *known;
    const double contribution = column < contributions_.size() ? contributions_[column] : 0;
    return seats_.emplace_back(Seat{.column = column, .contribution = contribution});
  }

  std::span<const double> contributions_;
  std::vector<Seat> seats_;
};

}  // namespace

std::vector<Suspect> suspects(const Asset& asset, const Episode& episode,
                              std::span<const double> values, const Recent& recent,
                              std::size_t most) {
  Bench bench(episode.contributions);
  for (const auto& sign : episode.signs) bench.hear(sign);
  if (const auto* const loop = loop_behind(asset, episode)) bench.hear(*loop);
  const auto seats = std::move(bench).verdict(most);
  double sum = 0;
  for (const auto& seat : seats) sum += seat.weight;
  std::vector<Suspect> found;
  found.reserve(seats.size());
  for (const auto& seat : seats) {
    auto& suspect = found.emplace_back();
    suspect.share = sum > 0 ? seat.weight / sum : 1.0 / static_cast<double>(seats.size());
    suspect.contribution = seat.contribution;
    put_numbers(asset, episode, values, recent, seat.column, suspect);
  }
  return found;
}

}  // namespace sosie::diagnosis
