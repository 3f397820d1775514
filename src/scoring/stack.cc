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
constexpr std::size_t warm_up = 10;         ///< rows before a course is one
constexpr int most_passes = 3;              ///< at leaving out what is unlike the rest
constexpr std::size_t one_left_out_in = 8;  ///< rows, at most
constexpr double margin_decades = 0.5;
/// From one in ten: an alarm begins where one ordinary row in a thousand is, as faults are not much
/// rarer; where more was learned from, so many in as many rows: who has a longer record does not
/// want more false alarms by the record. What is as far out as `margin_decades` says is sure.
constexpr double usual_decades = 2;
constexpr double rows_alarmed = 4;
constexpr double usual_share = 0.1;       ///< of what was learned: as long an unsure alarm is one
constexpr std::size_t times_learned = 4;  ///< as long as what was learned is ordinary life followed
/// Thresholds are followed no further up than what was sure by what was learned: faults that were
/// not seen must not hide the next. And downwards as doubt shrinks: a dozen independent looks have
/// one of 1.6; no more than that can go.
constexpr double lowest = 0.6;  ///< of what was sure
constexpr std::size_t most_ordinary = 8192;
constexpr double clear_share = 0.5;
constexpr std::size_t hold_rows = 5;
constexpr double ordinary_surprise = 2;     ///< one row in a hundred
constexpr std::size_t least_to_forget = 3;  ///< ordinary rows: as many as were strange
constexpr std::size_t most_to_forget = 8;
/// What Found::contrast has of a column whose rows say nothing of each other: a mean that forgets
/// as 1/n trembles as that of 2n - 1 rows does.
constexpr double contrast_trembling = 1 / (2 * main_rows[1] - 1) + 1 / (2 * main_rows[3] - 1);
constexpr std::size_t patience = 2;  ///< times as many rows as were learned from
/// Of the slow horizon: so long an alarm holds back the courses of columns that wander. What they
/// were says little of what they will be: held for longer, they would hold the alarm.
constexpr double held_share = 1.0 / 3;
constexpr double news = 0.9;  ///< what lies above is an alarm's first row that is sure
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

/// `level`: 1 where alarms begin. `is_news`: one becomes sure here.
double score_of(double level, bool is_news = false) {
  const double share = level > 0 ? level / (1 + level) : 0;
  if (is_news) return news + (1 - news) * share;
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

/// From one in ten to one row in three times as many as were learned from.
double sure_decades(std::size_t learned) {
  return std::log10(static_cast<double>(learned)) - 1 + margin_decades;
}

/// From one in ten to where alarms begin.
double on_decades(std::size_t learned) {
  const double long_record = std::log10(static_cast<double>(learned) / rows_alarmed) - 1;
  return std::min(sure_decades(learned), std::max(usual_decades, long_record));
}

/// On at what one row in three times as many as were learned from is.
fusion::Episode::Rule sure_rule(std::vector<double> sample, std::size_t learned) {
  return fusion::ordinary_rule(std::move(sample), sure_decades(learned), hold_rows);
}

/// What is held against its own mean where too few rows were learned from to say more.
constexpr std::array unlearned{Feature::main_1, Feature::main_5};

/// What each column is judged on.
std::span<const float> main_of(std::span<const float> row, std::size_t columns) {
  return row.subspan(static_cast<std::size_t>(Feature::main_1) * columns, columns);
}

void put(const Shapes::Found& shapes, Judge::Found& into) {
  for (std::size_t k = 0; k < Shapes::lengths; ++k) {
    const auto s = static_cast<std::size_t>(Statistic::shape) + k;
    into.value.at(s) = shapes.surprise.at(k);
    into.column.at(s) = shapes.column.at(k);
  }
}

/// The counters of a table, whose rows have growth in place of counts from then on.
Counters count_in(Block& block) {
  Counters counters(block);
  if (counters.empty()) return counters;
  for (std::size_t r = 0; r < block.rows(); ++r) {
    counters.replace(std::span(block.cells).subspan(r * block.columns, block.columns));
  }
  return counters;
}

}  // namespace

Stack::Stack(Block block, double period_s, std::span<const double> of_day)
    : wild_(blank_wild(block)),
      counters_(count_in(block)),
      profiles_(profiles_of(block, of_day)),
      horizons_(horizons_for(block.rows(), period_s, !of_day.empty())),
      features_(profiles_, horizons_),
      spread_(unlearned.size() * block.columns),
      seen_(unlearned.size() * block.columns) {
  learn(block, of_day);
}

void Stack::learn(const Block& block, std::span<const double> of_day) {
  const auto n = block.rows();
  const auto step = n / most_rows + 1;
  FeatureRows rows{.width = features * block.columns, .cells = {}};
  const auto courses = courses_of(block, profiles_, of_day);
  std::vector<double> usual(block.columns);
  std::vector<std::uint32_t> place;  // of each kept row, in the block
  std::vector<float> mains;          // of all rows: what they are judged on
  mains.reserve(n >= least_rows ? n * block.columns : 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t c = 0; c < courses.size(); ++c) {
      usual[c] = courses[c].empty() ? 0 : courses[c][i];
    }
    features_.learn(block.row(i), usual);
    if (Verdict unused; n < least_rows) {
      see_unlearned(unused);
    } else {
      const auto main = main_of(features_.row(), block.columns);
      mains.insert(mains.end(), main.begin(), main.end());
    }
    if (i < warm_up || i % step != 0) continue;
    rows.cells.insert(rows.cells.end(), features_.row().begin(), features_.row().end());
    place.push_back(static_cast<std::uint32_t>(i));
  }
  learned_scores_.assign(n, 0.0);
  if (n < least_rows) return;
  std::vector<std::uint32_t> kept(rows.rows());
  std::iota(kept.begin(), kept.end(), 0U);
  auto found = hold_out_suspects(rows, place, kept);
  shapes_ = Shapes(mains, block.columns, left_out_);
  const auto shapes = shapes_.take_learned();
  for (std::size_t i = 0; i < found.size() && !shapes.empty(); ++i) {
    put(shapes[place[kept[i]]], found[i]);
  }
  calibrate(found);
  judge_ = std::make_unique<Judge>(rows, kept, profiles_);
  score(rows, found, kept, place);
}

/// All but what is unlike the rest, of which `left_out_` is told: `kept` are those that are left.
std::vector<Judge::Found> Stack::hold_out_suspects(const FeatureRows& rows,
                                                   std::span<const std::uint32_t> place,
                                                   std::vector<std::uint32_t>& kept) {
  const auto least_kept = kept.size() - kept.size() / one_left_out_in;
  auto found = hold_out(rows, kept);
  for (int pass = 0; pass < most_passes; ++pass) {  // a fault hides those that are smaller
    const auto strange = far_out(found, kept);
    if (strange.empty() || kept.size() - strange.size() < least_kept) break;
    std::erase_if(kept, [&](auto r) { return std::ranges::binary_search(strange, r); });
    for (const auto r : strange) left_out_.push_back(place[r]);
    found = hold_out(rows, kept);
  }
  std::ranges::sort(left_out_);
  return found;
}

void Stack::score(const FeatureRows& rows, std::span<const Judge::Found> found,
                  std::span<const std::uint32_t> kept, std::span<const std::uint32_t> place) {
  std::size_t next = 0;  // of `kept`
  for (std::uint32_t r = 0; r < rows.rows(); ++r) {
    Judge::Found own;
    const bool is_kept = next < kept.size() && kept[next] == r;
    if (is_kept) {
      own = found[next++];
    } else {
      judge_->look(rows.row(r), own);
    }
    Statistic why{};
    const double score = score_of(combine(own, why) / learned_on_);
    const auto end = r + 1 < place.size() ? place[r + 1] : learned_scores_.size();
    std::fill(learned_scores_.begin() + place[r],
              learned_scores_.begin() + static_cast<std::ptrdiff_t>(end), score);
  }
}

std::vector<Judge::Found> Stack::hold_out(const FeatureRows& rows,
                                          std::span<const std::uint32_t> kept) const {
  const auto n = kept.size();
  std::vector<Judge::Found> found(n);
  for (std::size_t part = 0; part < parts; ++part) {
    const auto begin = part * n / parts;
    const auto end = (part + 1) * n / parts;
    std::vector<std::uint32_t> others(kept.begin(), kept.end());
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(begin),
                 others.begin() + static_cast<std::ptrdiff_t>(end));
    Judge judge(rows, others, profiles_);
    for (auto i = begin; i < end; ++i) judge.look(rows.row(kept[i]), found[i]);
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
  follow_ordinary();
  learned_on_ = episode_.rule().on;
  sample.clear();
  for (const auto& one : found) sample.push_back(one.contrast);
  contrast_tail_ = fusion::Tail::fit(sample);
  for (auto& value : sample) value = contrast_tail_.surprise(value);
  contrast_.set(sure_rule(sample, sample.size()));
}

Stack::Ordinary::Ordinary(const std::vector<double>& sample, std::size_t learned)
    : values_(sample.begin(), sample.end()),
      learned_(learned),
      most_(std::min(most_ordinary, times_learned * learned)),
      step_(std::max<std::size_t>(1, times_learned * learned / most_ordinary)) {
  if (values_.size() > most_)
    values_.erase(values_.begin(), values_.end() - static_cast<std::ptrdiff_t>(most_));
  learned_sure_ = sure_rule(sample, learned).on;
}

double Stack::Ordinary::sure() const {
  const auto rule = sure_rule({values_.begin(), values_.end()}, learned_);
  return std::clamp(rule.on, lowest * learned_sure_, learned_sure_);
}

fusion::Episode::Rule Stack::Ordinary::rule() const {
  auto rule =
      fusion::ordinary_rule({values_.begin(), values_.end()}, on_decades(learned_), hold_rows);
  rule.on = std::clamp(rule.on, lowest * learned_sure_, learned_sure_);
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
  values_.assign(values.begin(), values.end());
  counters_.replace(values_);
  features_.take(values_, of_day, pace());
  if (!judge_) return look_unlearned();
  Judge::Found found;
  judge_->look(features_.row(), found);
  if (!shapes_.empty()) put(shapes_.look(main_of(features_.row(), profiles_.size())), found);
  Verdict verdict;
  const bool was_active = episode_.is_active();
  const bool has_forgotten = has_forgotten_;
  forget_alarm(found, was_active);
  const bool is_broken = found.broken >= 1;
  double together = combine(found, verdict.why);
  if (is_broken) together = std::max(together, std::min(2.0, found.broken) * sure_);
  alarmed_ = was_active ? alarmed_ + 1 : 0;
  if (has_forgotten && together < episode_.rule().off) episode_.end();
  verdict.flag = episode_.look(together);
  const bool begins = verdict.flag && !was_active;
  if (!was_active) is_sure_ = false;
  const bool is_news = verdict.flag && !is_sure_ && together >= sure_;
  is_sure_ = is_sure_ || is_news;
  verdict.score = score_of(together / learned_on_, is_news);  // one yardstick for all rows
  if (is_ordinary(verdict.flag || was_active) && ordinary_.add(together)) follow_ordinary();
  verdict.change = is_change(found, begins);
  const bool is_quiet = together < episode_.rule().off;  // a guess will do
  verdict.column = is_broken  ? found.broken_column
                   : is_quiet ? found.column.at(static_cast<std::size_t>(Statistic::residual_1))
                              : blame(found, verdict.why);
  return verdict;
}

/// What is ordinary is followed while nothing is wrong; and where something may be that never was
/// sure, and goes on as nothing wrong does.
bool Stack::is_ordinary(bool is_alarmed) const {
  const auto learned = static_cast<double>(learned_scores_.size());
  return !is_alarmed || (!is_sure_ && static_cast<double>(alarmed_) > usual_share * learned);
}

void Stack::follow_ordinary() {
  episode_.set(ordinary_.rule());
  sure_ = ordinary_.sure();
}

Pace Stack::pace() const {
  if (!episode_.is_active()) return Pace::ordinary;
  const auto learned = learned_scores_.size();
  if (alarmed_ > patience * learned) return Pace::accepting;
  const bool is_long = static_cast<double>(alarmed_) > held_share * horizons_.slow;
  return is_long ? Pace::wandering : Pace::alarmed;
}

/// Where as many rows in a row are ordinary by themselves as were strange (three to eight), what is
/// kept of those before no longer holds the alarm: their trembling in any case, the means over many
/// rows if the new ones deny them. A small shift, of which single rows say nothing, goes on being
/// one.
void Stack::forget_alarm(const Judge::Found& found, bool is_alarmed) {
  constexpr std::array now{Statistic::change, Statistic::residual_1, Statistic::t2, Statistic::q};
  const bool is_ordinary = is_alarmed && std::ranges::all_of(now, [&](Statistic statistic) {
                             const auto s = static_cast<std::size_t>(statistic);
                             return tails_.at(s).surprise(found.value.at(s)) < ordinary_surprise;
                           });
  if (!is_alarmed) strange_rows_ = 0;
  if (!is_ordinary) ++strange_rows_;
  ordinary_rows_ = is_ordinary ? ordinary_rows_ + 1 : 0;
  has_forgotten_ = ordinary_rows_ > 0 &&
                   ordinary_rows_ >= std::clamp(strange_rows_, least_to_forget, most_to_forget);
  if (has_forgotten_) {
    const double trembling =
        1 / static_cast<double>(ordinary_rows_) + 1 / (2 * main_rows.back() - 1);
    const double news =
        contrast_tail_.surprise(judge_->news(features_.row()) * contrast_trembling / trembling);
    features_.forget(news >= contrast_.rule().off);
    ordinary_rows_ = 0;
  }
  if (ordinary_rows_ == 0) features_.start_afresh();
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

/// How far columns are, now and over five rows, in mean distances so far: those of the rows of
/// learning, if there are any, then of ordinary ones too. Six of them are nearly five deviations;
/// more is asked for where they are from few rows.
double Stack::see_unlearned(Verdict& verdict) {
  constexpr double far = 6;
  constexpr double doubt = 1.64;
  double most = 0;
  for (std::size_t i = 0; i < spread_.size(); ++i) {
    const auto c = i % profiles_.size();
    const auto feature = static_cast<std::size_t>(unlearned.at(i / profiles_.size()));
    const double off = std::abs(features_.row()[feature * profiles_.size() + c]);
    if (std::isnan(off)) continue;
    seen_[i] += 1;
    const bool is_known = seen_[i] > warm_up && spread_[i] > 0;
    const double limit = far * (1 + doubt / std::sqrt(2 * seen_[i])) * spread_[i];
    const double level = is_known ? off / limit : 0;
    const double bound = seen_[i] > warm_up ? 3 * spread_[i] : off;
    spread_[i] +=
        std::max(1 / horizons_.steady, 1 / seen_[i]) * (std::min(off, bound) - spread_[i]);
    if (level <= most) continue;
    most = level;
    verdict.column = static_cast<std::uint32_t>(c);
  }
  return most;
}

Verdict Stack::look_unlearned() {
  Verdict verdict;
  const double most = see_unlearned(verdict);
  const bool was_active = episode_.is_active();
  alarmed_ = was_active ? alarmed_ + 1 : 0;
  verdict.flag = episode_.look(most);
  verdict.change = verdict.flag && !was_active;
  verdict.score = score_of(most, verdict.change);
  return verdict;
}

}  // namespace sosie::scoring
