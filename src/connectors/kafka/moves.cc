#include "connectors/kafka/moves.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sosie::kafka {
namespace {

constexpr auto a_while = std::chrono::minutes(10);  ///< over which late readings amend

}  // namespace

Moves::Moves(EpisodeTopic& episodes, Shares& shares, Intake& intake)
    : episodes_(episodes), shares_(shares), intake_(intake), looks_back_(intake.looks_back()) {
  for (std::uint32_t i = 0; i < shares_.size(); ++i) shares_[i].is_away = shares_[i].is_held;
}

std::int64_t Moves::comes(std::uint32_t partition, const Partition& name, std::int64_t next,
                          const std::string& note) {
  if (partition >= index_.size()) index_.resize(partition + 1, Shares::none);
  index_[partition] = shares_.find(name);
  Share& came = share(partition);
  if (came.is_held && came.next == next) {  // nobody has read on meanwhile
    came.is_away = false;
    return next;
  }
  auto from = Rewind::from(note).value_or(Rewind{next, {}});
  from.offset = std::min(from.offset, next);
  came.come(next, from);
  arrivals_.push_back(index(partition));
  return from.offset;
}

void Moves::goes(std::uint32_t partition) {
  Share& gone = share(partition);
  gone.is_away = gone.is_held;
}

Moves::Part& Moves::part(std::uint32_t share) {
  if (share >= batch_.size()) batch_.resize(share + 1);
  return batch_[share];
}

Result<void> Moves::begin(const std::stop_token& stop) {
  if (!has_moved_) return {};
  let_go();
  if (!arrivals_.empty()) {
    TRY(take_arrivals(stop));
  }
  has_moved_ = false;
  was_assigned_ = true;
  return {};
}

void Moves::let_go() {
  for (std::uint32_t i = 0; i < shares_.size(); ++i) {
    Share& share = shares_[i];
    if (!share.is_away) continue;
    share.is_held = share.is_away = share.is_coming = false;
    shares_.let_go(i);
    handovers_.push_back({Handover::What::goes, share.name, {}, {}});
  }
}

Result<void> Moves::take_arrivals(const std::stop_token& stop) {
  auto known = TRY(episodes_.read(stop));
  for (const auto index : arrivals_) {
    const Share& share = shares_[index];
    shares_.let_go(index);
    auto episodes = findings_of(known[share.name], share.since);
    for (const Finding& finding : episodes) {
      const Reading of{{}, 0, finding.suspects.front().series};
      shares_.see({&of, 1}, index, part(index).series);
    }
    handovers_.push_back({Handover::What::comes, share.name, {}, std::move(episodes), share.since});
  }
  arrivals_.clear();
  return {};
}

/// What the rules are to go on from. A series that may not be declared here is left out.
std::vector<Finding> Moves::findings_of(const std::vector<EpisodeRecord>& records,
                                        Timestamp since) {
  std::vector<Finding> findings;
  for (const auto& record : records) {
    if (record.closed) episodes_.bury(record);
    if (record.closed && *record.closed < since) continue;
    const auto series = intake_.series(record.entity, record.attribute);
    if (!series) continue;
    Finding finding;
    finding.onset = record.onset;
    finding.detected = record.detected;
    finding.closed = record.closed;
    Suspect suspect;
    suspect.series = *series;
    suspect.value = record.value;
    finding.suspects = {suspect};
    finding.episode = RuleEpisode{record.id, record.rule, record.subject, 0, false};
    findings.push_back(std::move(finding));
  }
  return findings;
}

void Moves::note(std::uint32_t partition, std::int64_t offset, std::span<const Reading> readings) {
  Part& here = part(index(partition));
  if (!here.first) here.first = offset;
  const Timestamp now = intake_.clock().now();
  for (const Reading& reading : readings) {
    if (reading.at <= now) here.newest = std::max(here.newest, reading.at);
  }
  shares_.see(readings, index(partition), here.series);
}

std::vector<Handover> Moves::before_past() {
  for (std::uint32_t i = 0; i < batch_.size(); ++i) {
    auto& news = batch_[i].series;
    if (news.empty()) continue;
    handovers_.push_back({Handover::What::holds, shares_[i].name, std::exchange(news, {}), {}});
  }
  return std::exchange(handovers_, {});
}

std::vector<Handover> Moves::before_new(const Next& next) {
  bool is_coming = false;
  for (std::uint32_t i = 0; i < index_.size(); ++i) {
    if (index_[i] == Shares::none || !share(i).is_coming || share(i).is_away) continue;
    share(i).is_coming = next(i) < share(i).live;
    is_coming = is_coming || share(i).is_coming;
    if (!share(i).is_coming) handovers_.push_back({Handover::What::is_here, share(i).name, {}, {}});
  }
  if (was_assigned_ && !is_coming && !shares_.is_complete) {
    shares_.is_complete = true;
    handovers_.push_back({Handover::What::complete, {}, {}, {}});
  }
  return std::exchange(handovers_, {});
}

std::optional<std::string> Moves::end(std::uint32_t partition, std::int64_t next) {
  Share& here = share(partition);
  Part& read = part(index(partition));
  here.next = next;
  if (read.first && read.newest > Timestamp{}) here.note(*read.first, read.newest, looks_back_);
  read.first.reset();
  read.newest = {};
  return next > here.live ? std::optional(here.rewind(looks_back_).text()) : std::nullopt;
}

Result<void> Moves::publish() {
  return episodes_.publish([&](SeriesId series) { return shares_.name_of(series); },
                           2 * looks_back_ + a_while, {});
}

}  // namespace sosie::kafka
