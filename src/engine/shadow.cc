#include "engine/shadow.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sosie {
namespace {

constexpr std::size_t compared_suspects = 3;
constexpr auto compare_every = std::chrono::minutes(1);
constexpr std::size_t most_said = 10'000;  ///< of either side; a trial with more is lost anyway
/// Findings of the two sides that are this near in time may be the same.
constexpr auto near_enough = std::chrono::minutes(15);

}  // namespace

Shadow::Shadow(LooseWatch watch, std::uint32_t number, double budget_per_day)
    : loose_(std::move(watch)), number_(number), budget_per_day_(budget_per_day) {
  loose_.watch->continue_ids(first_id);
}

void Shadow::begin(const AssetColumns& columns, const Watch& active) {
  columns_ = columns;
  loose_.watch->begin(columns_);
  loose_.watch->copy_limits(active);
  const auto active_profile = active.profile();
  const auto profile = loose_.watch->profile();
  kept_.with([&](Kept& kept) {
    kept.active_sensors = sensors_of(active_profile.get(), columns_.size());
    kept.shadow_sensors = sensors_of(profile.get(), columns_.size());
  });
}

std::uint64_t Shadow::sensors_of(const NormalProfile* profile, std::size_t columns) {
  if (profile == nullptr) return 0;
  std::uint64_t count = 0;
  for (std::uint32_t i = 0; i < columns; ++i) {
    bool is_known = false;
    for (std::size_t hour = 0; hour < NormalProfile::hours && !is_known; ++hour) {
      is_known = profile->band(i, hour).has_value();
    }
    if (is_known) ++count;
  }
  return count;
}

void Shadow::note(std::span<const FindingEvent> events, std::vector<Said>& said) {
  for (const auto& [what, finding] : events) {
    if (finding.episode) continue;  // a rule's
    auto known = std::ranges::find(said, finding.id, &Said::id);
    if (known == said.end()) {
      if (what != FindingEvent::What::opened || said.size() >= most_said) continue;
      said.push_back({.id = finding.id, .onset = finding.onset, .end = {}, .blamed = {}});
      known = said.end() - 1;
    }
    known->end = finding.closed.value_or(Timestamp::max());
    known->blamed.clear();
    for (std::size_t i = 0; i < std::min(compared_suspects, finding.suspects.size()); ++i) {
      known->blamed.push_back(finding.suspects[i].series);
    }
  }
}

void Shadow::warm_up(const Frame& frame, const Clock& clock) {
  events_.clear();
  loose_.watch->take(frame, clock, events_);
  for (auto& [what, finding] : events_) {
    if (what == FindingEvent::What::closed) {
      open_.erase(finding.id);
    } else {
      open_[finding.id] = std::move(finding);
    }
  }
}

void Shadow::take(const Frame& frame, const Clock& clock, const Watch& active,
                  std::span<const FindingEvent> said) {
  events_.clear();
  loose_.watch->take(frame, clock, events_);
  for (const auto& [what, finding] : said) {
    if (what == FindingEvent::What::closed) {
      under_.erase(finding.id);
      continue;
    }
    auto& blamed = under_[finding.id];
    blamed.clear();
    for (std::size_t i = 0; i < std::min(compared_suspects, finding.suspects.size()); ++i) {
      blamed.push_back(finding.suspects[i].series);
    }
  }
  const bool is_compared = frame.at - compared_ >= compare_every;
  if (is_compared) compare(frame, active);
  const double ratio = is_compared ? error_.ratio() : 0;
  kept_.with([&](Kept& kept) {
    if (kept.frames++ == 0) kept.from = frame.at;
    kept.to = frame.at;
    note(said, kept.active);
    note(events_, kept.shadow);
    if (is_compared) kept.error_ratio = ratio;
  });
  for (auto& [what, finding] : events_) {
    if (what == FindingEvent::What::closed) {
      open_.erase(finding.id);
    } else {
      open_[finding.id] = std::move(finding);
    }
  }
}

/// Sensors that are under a finding tell nothing of who foresees ordinary life better.
void Shadow::compare(const Frame& frame, const Watch& active) {
  compared_ = frame.at;
  const auto theirs = active.profile();
  const auto ours = loose_.watch->profile();
  if (!theirs || !ours) return;
  const auto local = frame.at + active.zone().offset(frame.at);
  const auto hour =
      static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::hours>(
                                   local - std::chrono::floor<std::chrono::days>(local))
                                   .count());
  for (std::uint32_t i = 0; i < columns_.size(); ++i) {
    if (std::isnan(frame.values[i])) continue;
    const auto series = columns_.series[i];
    const bool is_under = std::ranges::any_of(under_, [&](const auto& entry) {
      return std::ranges::find(entry.second, series) != entry.second.end();
    });
    if (is_under) continue;
    const auto their_band = theirs->band(i, hour);
    const auto our_band = ours->band(i, hour);
    if (their_band && our_band) error_.add(i, frame.values[i], *their_band, *our_band);
  }
}

std::vector<Finding> Shadow::open() const {
  std::vector<Finding> findings;
  findings.reserve(open_.size());
  for (const auto& [id, finding] : open_) findings.push_back(finding);
  return findings;
}

bool Shadow::is_said(const Said& finding, const std::vector<Said>& by) {
  return std::ranges::any_of(by, [&](const Said& other) {
    const bool is_apart =
        other.onset - near_enough > finding.end ||
        (other.end != Timestamp::max() && other.end + near_enough < finding.onset);
    if (is_apart) return false;
    return std::ranges::any_of(finding.blamed, [&](SeriesId series) {
      return std::ranges::find(other.blamed, series) != other.blamed.end();
    });
  });
}

models::Trial Shadow::trial(std::span<const cases::Answer> answers) const {
  std::map<std::uint64_t, bool> is_right;  // the last answer counts
  for (const auto& answer : answers) is_right[answer.finding] = answer.is_right;
  return kept_.with([&](const Kept& kept) {
    models::Trial trial;
    trial.from = kept.from;
    trial.to = kept.to;
    trial.frames = kept.frames;
    trial.error_ratio = kept.error_ratio;
    trial.budget_per_day = budget_per_day_;
    trial.active.episodes = kept.active.size();
    trial.shadow.episodes = kept.shadow.size();
    trial.active.sensors = kept.active_sensors;
    trial.shadow.sensors = kept.shadow_sensors;
    for (const auto& finding : kept.active) {
      const auto answer = is_right.find(finding.id);
      if (answer == is_right.end()) continue;
      const bool is_shared = is_said(finding, kept.shadow);
      auto& ours = answer->second ? trial.active.confirmed : trial.active.wrong;
      auto& shadows = answer->second ? trial.shadow.confirmed : trial.shadow.wrong;
      ++ours;
      if (is_shared) ++shadows;
    }
    return trial;
  });
}

}  // namespace sosie
