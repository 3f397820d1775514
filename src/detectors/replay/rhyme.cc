#include "detectors/replay/rhyme.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sosie::replay {

void Rhyme::resize(std::size_t columns, std::size_t values, Duration period) {
  const auto bits = std::bit_ceil(std::clamp(values, 2 * least_lag, most_values));
  const auto words = std::max(words_, bits / word);
  if (words != words_) {  // what was remembered lies elsewhere now
    for (auto& column : columns_) {
      const double usual = column.usual;
      column = {};
      column.usual = usual;
    }
  }
  words_ = words;
  period_ = period;
  columns_.resize(columns);
  bits_.resize(columns * words_);
}

void Rhyme::add(std::size_t i, double value) {
  auto& column = columns_[i];
  if (column.count == 0) column.calm = value;
  const double off = value - column.calm;
  column.calm += calm_pace * off;
  const double size = std::abs(off);
  const auto count = static_cast<double>(++column.count);
  const double clipped = column.unrest > 0 ? std::min(size, furthest * column.unrest) : size;
  const double weight = count < unrest_values ? 1 / count : 1 / unrest_values;
  column.unrest += weight * (clipped - column.unrest);
  if (is_learning_) column.usual += (clipped - column.usual) / count;
  const std::uint64_t place = (column.count - 1) & (words_ * word - 1);
  auto& bits = bits_[i * words_ + place / word];
  const auto mask = std::uint64_t{1} << (place % word);
  bits = off > 0 ? bits | mask : bits & ~mask;
}

void Rhyme::look(Timestamp at, std::span<const std::uint8_t> passed_over) {
  if (looks_++ % weigh_every == 0) weigh();
  if (found_ > 0 || is_common_) {
    found_ = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].lag > 0) follow(i, at);
      found_ += columns_[i].lag > 0 ? 1U : 0U;
    }
  }
  if (!is_common_) return;
  const auto lag = search(passed_over, shifts_per_look, alike);
  if (lag == 0) return;
  auto& column = columns_[searched_];
  column.lag = lag;
  column.met = column.count;
  column.since = at;
  ++found_;
}

std::optional<std::size_t> Rhyme::find_natural(std::span<const std::uint8_t> passed_over) {
  if (search(passed_over, shifts_per_lesson, alike_by_nature) == 0) return std::nullopt;
  return searched_;
}

/// Does a noise lie on all of them?
void Rhyme::weigh() {
  std::size_t judged = 0;
  std::size_t beyond = 0;
  for (const auto& column : columns_) {
    judged += column.usual > 0 ? 1U : 0U;
    beyond += column.usual > 0 && column.unrest > restless * column.usual ? 1U : 0U;
  }
  is_common_ = judged >= least_judged && (is_common_ ? 8 : 4) * beyond >= judged;
}

/// 64 bits of a column from a bit on.
std::uint64_t Rhyme::word_at(std::size_t column, std::uint64_t bit) const {
  const auto* const ring = bits_.data() + column * words_;
  const auto at = bit / word;
  const auto shift = bit % word;
  const auto around = words_ - 1;  // a power of two less one
  const auto low = ring[at & around] >> shift;
  return shift == 0 ? low : low | ring[(at + 1) & around] << (word - shift);
}

int Rhyme::agreeing(std::size_t column, std::uint64_t from, std::size_t words) const {
  int sum = 0;
  for (std::size_t w = 0; w < words; ++w) {
    const auto bit = from + w * word;
    sum += std::popcount(~(word_at(column, bit) ^ word_at(column, bit - columns_[column].lag)));
  }
  return sum;
}

bool Rhyme::is_tremble(const Bits& bits) {
  int ups = 0;
  int turns = 0;
  for (const auto w : bits) {
    ups += std::popcount(w);
    turns += std::popcount((w ^ (w >> 1U)) & (~std::uint64_t{0} >> 1U));
  }
  return ups >= least_ups && static_cast<int>(window) - ups >= least_ups && turns >= least_turns;
}

bool Rhyme::is_heard(std::size_t i) const {
  const auto& column = columns_[i];
  return column.usual > 0 && column.lag == 0 && column.count >= least_lag + 2 * window &&
         column.unrest < drowned * column.usual;
}

/// What looked like a recording must go on as one.
void Rhyme::follow(std::size_t i, Timestamp at) {
  auto& column = columns_[i];
  const bool is_sure = column.level >= 1;
  if (!is_sure && column.count < column.met + confirm) return;
  const int of_all = agreeing(i, column.count - window, window_words);
  const bool goes_on =
      is_sure ? of_all >= still_alike * alike : agreeing(i, column.count - confirm, 1) >= confirmed;
  if (!goes_on) {
    column.lag = 0;
    column.level = 0;
    return;
  }
  if (!is_sure) column.since = at - static_cast<Duration::rep>(window + confirm) * period_;
  column.level = std::max(1.0, static_cast<double>(of_all) / alike);
}

/// Goes on with one column, or to the next. Returns the lag of what is like its last values; 0:
/// there is nothing.
std::size_t Rhyme::search(std::span<const std::uint8_t> passed_over, std::size_t shifts,
                          int least) {
  for (std::size_t tried = 0; shift_ == word; ++tried) {
    if (tried == columns_.size()) return 0;
    searched_ = (searched_ + 1) % columns_.size();
    if (passed_over[searched_] == 0 && is_heard(searched_) && begin_search(searched_)) shift_ = 0;
  }
  for (std::size_t n = 0; n < shifts && shift_ < word; ++n) {
    const auto lag = lag_at(shift_++, least);
    if (lag == 0) continue;
    shift_ = word;
    return lag;
  }
  return 0;
}

bool Rhyme::begin_search(std::size_t i) {
  wanted_from_ = columns_[i].count - window;
  for (std::size_t w = 0; w < window_words; ++w) wanted_[w] = word_at(i, wanted_from_ + w * word);
  return is_tremble(wanted_);
}

/// The lag of a place that is like the wanted one, of those whose first bit is the `shift`-th of a
/// word; 0: there is none.
std::size_t Rhyme::lag_at(std::size_t shift, int least) const {
  std::array<std::uint64_t, window_words + 1> wanted{};
  for (std::size_t w = 0; w < window_words; ++w) {
    wanted[w] |= wanted_[w] << shift;
    if (shift > 0) wanted[w + 1] |= wanted_[w] >> (word - shift);
  }
  const auto first = ~std::uint64_t{0} << shift;
  const auto* const ring = bits_.data() + searched_ * words_;
  const auto count = columns_[searched_].count;
  const auto size = words_ * word;
  const std::uint64_t oldest = count > size ? (count - size) / word + 1 : 0;
  const std::uint64_t newest = (wanted_from_ - least_lag) / word;
  const auto around = words_ - 1;  // a power of two less one
  std::array<std::uint64_t, window_words + 1> here{};
  for (std::size_t k = 0; k < window_words; ++k) here[k + 1] = ring[(oldest + k) & around];
  for (auto w = oldest; w < newest; ++w) {
    for (std::size_t k = 0; k < window_words; ++k) here[k] = here[k + 1];
    here[window_words] = ring[(w + window_words) & around];
    const int unlike = std::popcount((here[0] ^ wanted[0]) & first) +
                       std::popcount(here[1] ^ wanted[1]) + std::popcount(here[2] ^ wanted[2]) +
                       std::popcount((here[3] ^ wanted[3]) & ~first);
    if (unlike <= static_cast<int>(window) - least) return wanted_from_ - (w * word + shift);
  }
  return 0;
}

}  // namespace sosie::replay
