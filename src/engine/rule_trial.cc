#include "engine/rule_trial.h"

#include <algorithm>
#include <deque>
#include <map>
#include <span>
#include <utility>

#include "rules/book.h"

namespace sosie {
namespace {

using What = rules::EpisodeEvent::What;

/// What has come of one rule so far. Readings come in time order, so nothing is amended.
class Tally {
 public:
  explicit Tally(std::size_t most_listed) : most_listed_(most_listed) {}

  void take(const rules::EpisodeEvent& event) {
    const rules::Episode& episode = event.episode;
    if (event.what == What::opened) {
      ++episodes_;
      ++by_subject_[episode.subject];
      open_.insert_or_assign(episode.id, episode);
      return;
    }
    if (open_.erase(episode.id) == 0) return;
    if (event.what == What::closed) keep(episode);
  }

  TriedRule end(const rules::Rule& rule, const SeriesTable& series, Timestamp to) && {
    TriedRule tried;
    tried.rule = rule;
    tried.episodes = episodes_;
    tried.open = open_.size();
    for (const auto& [id, episode] : open_) {
      keep(episode);
      lasting_ += to - episode.onset;
    }
    tried.lasting = lasting_;
    for (auto& [name, count] : by_subject_) tried.subjects.push_back({name, count});
    std::ranges::stable_sort(tried.subjects, std::ranges::greater{}, &TriedRule::Subject::episodes);
    for (const rules::Episode& episode : last_) {
      tried.listed.push_back({episode, rules::sentence(rule, episode, series[episode.series])});
    }
    std::ranges::stable_sort(tried.listed, std::ranges::greater{},
                             [](const auto& listed) { return listed.episode.onset; });
    return tried;
  }

 private:
  void keep(const rules::Episode& episode) {
    if (episode.closed) lasting_ += *episode.closed - episode.onset;
    last_.push_back(episode);
    if (last_.size() > most_listed_) last_.pop_front();
  }

  std::size_t most_listed_;
  std::uint64_t episodes_ = 0;
  Duration lasting_{};
  std::map<std::string, std::uint64_t> by_subject_;
  std::map<std::uint64_t, rules::Episode> open_;
  std::deque<rules::Episode> last_;
};

}  // namespace

Result<RuleTrial> try_rules(rules::RuleSet set, const Store& store, const SeriesTable& series,
                            Timestamp from, Timestamp to, TrialLimits limits) {
  RuleTrial trial{.from = from, .to = to, .is_cut = false, .series = 0, .readings = 0, .rules = {}};
  rules::RuleBook book(std::move(set), series);
  book.refresh();
  std::vector<SeriesId> wanted;
  for (std::uint32_t i = 0; i < series.size(); ++i) {
    if (book.looks_at(SeriesId{i})) wanted.push_back(SeriesId{i});
  }
  trial.series = wanted.size();
  std::vector<Tally> tallies(book.set().rules.size(), Tally(limits.most_listed));
  rules::RuleBook::Events events;
  TRY(store.scan(wanted, from, to, [&](std::span<const Reading> batch) {
    for (const Reading& reading : batch) book.take(reading, events);
    book.settle(events);
    for (const auto& event : events) tallies[event.episode.rule].take(event);
    events.clear();
    trial.readings += batch.size();
    trial.is_cut = trial.readings >= limits.most_readings;
    if (trial.is_cut) trial.to = batch.back().at;
    return !trial.is_cut;
  }));
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    const rules::Rule& rule = book.set().rules[i];
    trial.rules.push_back(std::move(tallies[i]).end(rule, series, trial.to));
    trial.rules.back().series = static_cast<std::uint64_t>(std::ranges::count_if(
        wanted, [&](SeriesId id) { return rule.fits(series[id], series[id].name()); }));
  }
  return trial;
}

}  // namespace sosie
