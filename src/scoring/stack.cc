#include "scoring/stack.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fusion/combine.h"
#include "fusion/ordinary.h"

namespace sosie::scoring {
namespace {

constexpr std::size_t most_rows = 20'000;  ///< that are kept as features
constexpr std::size_t parts = 4;
constexpr std::size_t warm_up = 10;  ///< rows before a course is one
constexpr std::size_t agreeing = 3;  ///< statistics, so that one that goes astray does not carry
constexpr double margin_decades = 0.5;
constexpr std::size_t times_learned = 4;  ///< as long as what was learned is ordinary life followed
/// The threshold is followed downwards only, as doubt shrinks: faults that were not seen must not
/// hide the next. A dozen independent looks have a doubt of 1.6; no more than that can go.
constexpr double lowest = 0.6;  ///< of the one that was learned
constexpr std::size_t most_ordinary = 8192;
constexpr double clear_share = 0.5;
constexpr std::size_t hold_rows = 5;
constexpr double news = 0.9;  ///< what lies above is the first row of an alarm
constexpr double half_day_s = 43'200;
constexpr double season_part_s = 2 * half_day_s / season_parts;
constexpr std::size_t between_changes = 15;  ///< rows: what comes sooner is the same one

Horizons horizons_for(std::size_t rows, double period_s, bool has_days) {
  const double n = static_cast<double>(rows);
  double slow = std::max(20.0, n / 10);
  const double half_day = period_s > 0 ? half_day_s / period_s : 0;
  if (has_days && half_day >= 30 && n >= 4 * half_day) slow = half_day;
  const double of_a_part = period_s > 0 ? std::max(1.0, season_part_s / period_s) : 1.0;
  return {.slow = slow,
          .quick = std::max(5.0, slow / 12),
          .season = 7 * of_a_part,
          .steady = 4 * std::max(20.0, n)};
}

/// `level`: 1 where alarms begin. `begins`: one does here.
double score_of(double level, bool begins = false) {
  const double share = level > 0 ? level / (1 + level) : 0;
  if (begins) return news + (1 - news) * share;
  return share < 0.5 ? share : 0.5 + (news - 0.5) * (2 * share - 1);
}

/// What the other days had, for each column that has a daily course.
std::vector<std::vector<double>> courses_of(const Block& block, std::span<const Profile> profiles,
                                            std::span<const double> of_day) {
  std::vector<std::vector<double>> courses(block.columns);
  std::vector<double> values(block.rows());
  for (std::size_t c = 0; c < block.columns; ++c) {
    if (profiles[c].season.empty()) continue;
    for (std::size_t r = 0; r < block.rows(); ++r) values[r] = block.row(r)[c];
    courses[c] = left_out_course(values, of_day);
  }
  return courses;
}

/// On at what one row in three times as many as were learned from is.
fusion::Episode::Rule rule_of(std::vector<double> sample, std::size_t learned) {
  const double decades = std::log10(static_cast<double>(learned)) - 1 + margin_decades;
  return fusion::ordinary_rule(std::move(sample), decades, hold_rows);
}

}  // namespace

Stack::Stack(const Block& block, double period_s, std::span<const double> of_day)
    : profiles_(profiles_of(block, of_day)),
      horizons_(horizons_for(block.rows(), period_s, !of_day.empty())),
      features_(profiles_, horizons_),
      spread_(block.columns),
      seen_(block.columns) {
  learn(block, of_day);
}

void Stack::learn(const Block& block, std::span<const double> of_day) {
  const auto n = block.rows();
  const auto step = n / most_rows + 1;
  FeatureRows rows{.width = features * block.columns, .cells = {}};
  const auto courses = courses_of(block, profiles_, of_day);
  std::vector<double> usual(block.columns);
  std::vector<std::size_t> place;  // of each kept row, in the block
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t c = 0; c < courses.size(); ++c) {
      usual[c] = courses[c].empty() ? 0 : courses[c][i];
    }
    features_.learn(block.row(i), usual);
    if (i < warm_up || i % step != 0) continue;
    rows.cells.insert(rows.cells.end(), features_.row().begin(), features_.row().end());
    place.push_back(i);
  }
  learned_scores_.assign(n, 0.0);
  if (n < least_rows) return;
  const auto found = hold_out(rows);
  calibrate(found);
  for (std::size_t i = 0; i < found.size(); ++i) {
    Statistic why{};
    const double score = score_of(combine(found[i], why) / learned_on_);
    const auto end = i + 1 < place.size() ? place[i + 1] : n;
    std::fill(learned_scores_.begin() + static_cast<std::ptrdiff_t>(place[i]),
              learned_scores_.begin() + static_cast<std::ptrdiff_t>(end), score);
  }
  std::vector<std::uint32_t> all(rows.rows());
  std::iota(all.begin(), all.end(), 0U);
  judge_ = std::make_unique<Judge>(rows, all, profiles_);
}

std::vector<Judge::Found> Stack::hold_out(const FeatureRows& rows) const {
  const auto n = rows.rows();
  std::vector<Judge::Found> found(n);
  for (std::size_t part = 0; part < parts; ++part) {
    const auto begin = part * n / parts;
    const auto end = (part + 1) * n / parts;
    std::vector<std::uint32_t> others;
    others.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
      if (i < begin || i >= end) others.push_back(static_cast<std::uint32_t>(i));
    }
    Judge judge(rows, others, profiles_);
    for (auto i = begin; i < end; ++i) judge.look(rows.row(i), found[i]);
  }
  return found;
}

void Stack::calibrate(std::span<const Judge::Found> found) {
  std::vector<double> sample;
  for (std::size_t s = 0; s < statistics; ++s) {
    sample.clear();
    for (const auto& one : found) sample.push_back(one.value[s]);
    tails_[s] = fusion::Tail::fit(sample);
  }
  sample.clear();
  for (const auto& one : found) {
    Statistic why{};
    sample.push_back(combine(one, why));
  }
  ordinary_ = {sample, found.size()};
  episode_.set(ordinary_.rule());
  learned_on_ = episode_.rule().on;
  ordinary_.keep_near(learned_on_);
  sample.clear();
  for (const auto& one : found) sample.push_back(one.contrast);
  contrast_tail_ = fusion::Tail::fit(sample);
  for (auto& value : sample) value = contrast_tail_.surprise(value);
  contrast_.set(rule_of(sample, sample.size()));
}

Stack::Ordinary::Ordinary(const std::vector<double>& sample, std::size_t learned)
    : values_(sample.begin(), sample.end()),
      learned_(learned),
      most_(std::min(most_ordinary, times_learned * learned)),
      step_(std::max<std::size_t>(1, times_learned * learned / most_ordinary)) {
  if (values_.size() > most_)
    values_.erase(values_.begin(), values_.end() - static_cast<std::ptrdiff_t>(most_));
}

fusion::Episode::Rule Stack::Ordinary::rule() const {
  auto rule = rule_of({values_.begin(), values_.end()}, learned_);
  if (first_on_ > 0) rule.on = std::clamp(rule.on, lowest * first_on_, first_on_);
  rule.off = std::min(rule.on, rule.off);
  return rule;
}

bool Stack::Ordinary::add(double value) {
  if (++seen_ % step_ != 0) return false;
  if (values_.size() >= most_) values_.pop_front();
  values_.push_back(value);
  return ++added_ % std::max<std::size_t>(50, most_ / 16) == 0;
}

double Stack::combine(const Judge::Found& found, Statistic& why) const {
  std::array<double, statistics> surprises{};
  for (std::size_t s = 0; s < statistics; ++s) surprises[s] = tails_[s].surprise(found.value[s]);
  const auto most = std::ranges::max_element(surprises) - surprises.begin();
  why = static_cast<Statistic>(most);
  return fusion::mean_of_highest(surprises, agreeing);
}

/// What the other sensors say of each points at one; what all together say spreads over those that
/// go with it.
std::uint32_t Stack::blame(const Judge::Found& found, Statistic why) {
  const auto surprise = [&](Statistic s) {
    return tails_.at(static_cast<std::size_t>(s))
        .surprise(found.value.at(static_cast<std::size_t>(s)));
  };
  const double enough = clear_share * surprise(why);
  const auto by_others = surprise(Statistic::residual_1) >= surprise(Statistic::residual_15)
                             ? Statistic::residual_1
                             : Statistic::residual_15;
  if (surprise(by_others) >= enough) return judge_->culprit(features_.row(), by_others);
  const auto s = static_cast<std::size_t>(why);
  if (s < single_statistics) return found.column.at(s);
  return judge_->culprit(features_.row(), why);
}

Verdict Stack::look(std::span<const double> values, double of_day) {
  features_.take(values, of_day, episode_.is_active());
  if (!judge_) return look_unlearned();
  Judge::Found found;
  judge_->look(features_.row(), found);
  Verdict verdict;
  const double together = combine(found, verdict.why);
  const bool was_active = episode_.is_active();
  verdict.flag = episode_.look(together);
  const bool begins = verdict.flag && !was_active;
  verdict.score = score_of(together / learned_on_, begins);  // one yardstick for all rows
  // What is ordinary is followed while nothing is wrong, and only then.
  if (!verdict.flag && !was_active && ordinary_.add(together)) episode_.set(ordinary_.rule());
  verdict.change = is_change(found, begins);
  const bool is_quiet = together < episode_.rule().off;  // a guess will do
  verdict.column = is_quiet ? found.column.at(static_cast<std::size_t>(Statistic::residual_1))
                            : blame(found, verdict.why);
  return verdict;
}

/// A change point is where the contrast leaves what it ordinarily is, or an alarm begins.
bool Stack::is_change(const Judge::Found& found, bool is_onset) {
  const bool was_active = contrast_.is_active();
  const bool begins = contrast_.look(contrast_tail_.surprise(found.contrast)) && !was_active;
  ++since_change_;
  if ((!begins && !is_onset) || since_change_ < between_changes) return false;
  since_change_ = 0;
  return true;
}

/// Distances from the course, against their own spread so far.
Verdict Stack::look_unlearned() {
  constexpr double far = 8;  // spreads
  Verdict verdict;
  double most = 0;
  for (std::size_t c = 0; c < profiles_.size(); ++c) {
    const double off = std::abs(features_.row()[c]);  // high_long comes first
    if (std::isnan(off)) continue;
    seen_[c] += 1;
    const double level = seen_[c] > warm_up && spread_[c] > 0 ? off / (far * spread_[c]) : 0;
    const double bound = seen_[c] > warm_up ? 3 * spread_[c] : off;
    spread_[c] += std::max(1 / horizons_.slow, 1 / seen_[c]) * (std::min(off, bound) - spread_[c]);
    if (level <= most) continue;
    most = level;
    verdict.column = static_cast<std::uint32_t>(c);
  }
  const bool was_active = episode_.is_active();
  verdict.flag = episode_.look(most);
  verdict.change = verdict.flag && !was_active;
  verdict.score = score_of(most, verdict.change);
  return verdict;
}

}  // namespace sosie::scoring
