#include "engine/rehearsal.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "wire/json/value.h"
#include "wire/json/writer.h"

namespace sosie {
namespace {

/// What detectors need to know where the plant is (their slow averages); nothing counts before.
constexpr auto warm_up = std::chrono::hours(2);
/// A finding as sure as this is told, whatever the budget: else one fault that nobody labelled
/// would be able to silence the program.
constexpr double surest = 0.99;
/// Between two frames: a gap in the data, or what is known to be no ordinary life, is no time in
/// which nothing was found.
constexpr auto longest_step = std::chrono::hours(1);
constexpr std::size_t most_chances = 10'000;
/// So many findings without a cause are taken to have been there beside those that were: what few
/// findings say of a plant is believed slowly.
constexpr double imagined_false = 3;
constexpr int passes = 300;           ///< of EM, which mostly stands still after twenty
constexpr double certain = 1 - 1e-6;  ///< a chance of 1 would outweigh everything

}  // namespace

std::vector<double> Rehearsed::false_parts() const {
  std::vector<double> parts(chances.size(), 1.0);
  if (!(before > 0 && before < 1)) return parts;
  std::vector<double> ratios;  // how much likelier its evidence is with a cause than without
  ratios.reserve(chances.size());
  for (const double chance : chances) {
    const double known = std::min(chance, certain);
    ratios.push_back(known / (1 - known) * (1 - before) / before);
  }
  double share = before;  // of the findings here that have a cause
  for (int pass = 0; pass < passes; ++pass) {
    double causes = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const double with = share * ratios[i];
      parts[i] = (1 - share) / (with + 1 - share);
      causes += 1 - parts[i];
    }
    share = causes / (static_cast<double>(parts.size()) + imagined_false);
  }
  return parts;
}

Allowance Rehearsed::allow(double per_day, double floor) const {
  Allowance made{.least_chance = floor};
  const double allowed = std::max(1.0, std::floor(per_day * days));
  const auto parts = false_parts();
  // Of a bar just above the k-th false one as many as k more are to be expected in such a time, and
  // not k - 1. What is level with it goes with it.
  double expected = 0;
  for (std::size_t i = 0; i < chances.size(); ++i) {
    expected += parts[i];
    if (std::round(expected) < allowed) continue;
    const double above = std::nextafter(chances[i], 2.0);
    made.least_chance = std::max(floor, std::min(above, surest));
    break;
  }
  double told_false = 0;
  for (std::size_t i = 0; i < chances.size() && chances[i] >= made.least_chance; ++i) {
    ++made.told;
    told_false += parts[i];
  }
  made.episodes = static_cast<std::size_t>(std::round(told_false));
  return made;
}

std::string to_json(const Rehearsed& rehearsed) {
  json::Writer out;
  out.begin_object();
  out.member("days", rehearsed.days);
  out.member("before", rehearsed.before);
  out.key("chances");
  out.begin_array();
  for (const double chance : rehearsed.chances) out.value(chance);
  out.end_array();
  out.end_object();
  return out.take();
}

Result<Rehearsed> rehearsed_from_json(std::string_view text) {
  const Error wrong{Errc::corrupt,
                    "what was found in the rehearsal: expected days and chances, as numbers"};
  const auto parsed = json::parse(text);
  if (!parsed) return wrong;
  const auto* const days = parsed->find("days");
  const auto* const chances = parsed->find("chances");
  const bool has_both = days != nullptr && chances != nullptr && chances->list() != nullptr;
  if (!has_both || !(days->number().value_or(-1) >= 0)) return wrong;
  Rehearsed made{.days = *days->number()};
  if (const auto* const before = parsed->find("before")) {  // kept since there are causes in it
    made.before = before->number().value_or(-1);
    if (!(made.before >= 0 && made.before < 1)) return wrong;
  }
  made.chances.reserve(chances->list()->size());
  for (const auto& item : *chances->list()) {
    const auto chance = item.number();
    if (!chance || !(*chance >= 0 && *chance <= 1)) return wrong;
    made.chances.push_back(*chance);
  }
  std::ranges::sort(made.chances, std::greater{});
  return made;
}

Result<std::unique_ptr<Rehearsal>> Rehearsal::begin(const Training& training,
                                                    const ModelFile& model,
                                                    const AssetColumns& columns) {
  Training own = training;
  own.false_alarms_per_day = 0;  // it is its own rehearsal
  own.diagnosis.least_chance = 0;
  auto loose = TRY(make_watch(own, {}));
  TRY(loose.watch->load(model, columns));
  return std::unique_ptr<Rehearsal>(new Rehearsal(std::move(loose)));
}

void Rehearsal::take(const Frame& frame, const Clock& clock) {
  if (!first_) first_ = last_ = frame.at;
  loose_.watch->take(frame, clock, told_);
  if (counts_) lived_ += std::min<Duration>(frame.at - last_, longest_step);
  last_ = frame.at;
  if (!counts_ && frame.at - *first_ >= warm_up) {
    loose_.watch->close_all(frame.at, told_);
    loose_.watch->rehearse();
    counts_ = true;
  }
  told_.clear();
}

Rehearsed Rehearsal::end() const {
  Rehearsed made;
  if (!counts_) return made;
  made.days = std::chrono::duration<double, std::ratio<86'400>>(lived_).count();
  made.before = loose_.watch->chance_before();
  made.chances = loose_.watch->rehearsed();
  std::ranges::sort(made.chances, std::greater{});
  if (made.chances.size() > most_chances) made.chances.resize(most_chances);
  return made;
}

}  // namespace sosie
