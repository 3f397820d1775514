#include "connectors/kafka/moves.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sosie::kafka {
namespace {

constexpr auto a_while = std::chrono::minutes(10);  ///< over which late readings amend

/// Where nothing is known of those before, or is not any more (somebody has set the group's offsets
/// anew): more than they can have counted to.
std::uint64_t first_term(Timestamp now) {
  return static_cast<std::uint64_t>(now.time_since_epoch() / std::chrono::seconds(1));
}

}  // namespace

Moves::Moves(EpisodeTopic& episodes, Shares& shares, Intake& intake)
    : episodes_(episodes), shares_(shares), intake_(intake), looks_back_(intake.looks_back()) {
  for (std::uint32_t i = 0; i < shares_.size(); ++i) shares_[i].is_away = shares_[i].is_held;
}

Keeper::Entry Moves::comes(std::uint32_t partition, const Partition& name, std::int64_t next,
                           const std::string& note) {
  if (partition >= index_.size()) index_.resize(partition + 1, Shares::none);
  index_[partition] = shares_.find(name);
  Share& came = share(partition);
  const auto said = Rewind::from(note);
  const bool is_still_ours = said && said->term == came.term && came.next == next;
  if (came.is_held && !came.is_coming && is_still_ours) {  // nobody has had it meanwhile
    came.is_away = false;
    return {next, note};
  }
  auto from = said.value_or(Rewind{next, {}, 0, 0});
  from.offset = std::min(from.offset, next);
  from.term = said ? said->term + 1 : first_term(intake_.clock().now());
  came.come(next, from);
  std::erase(arrivals_, index(partition));
  arrivals_.push_back(index(partition));
  return {from.offset, from.text()};
}

void Moves::goes(std::uint32_t partition) {
  Share& gone = share(partition);
  gone.is_away = gone.is_held;
  std::erase(arrivals_, index(partition));
}

Moves::Part& Moves::part(std::uint32_t share) {
  if (share >= batch_.size()) batch_.resize(share + 1);
  return batch_[share];
}

Result<void> Moves::begin(const std::stop_token& stop) {
  if (!has_moved_) return {};
  Records known;
  if (!arrivals_.empty()) known = TRY(episodes_.read(stop));
  let_go();
  take_arrivals(std::move(known));
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

void Moves::take_arrivals(Records known) {
  for (const auto index : arrivals_) {
    const Share& share = shares_[index];
    shares_.let_go(index);
    const auto records = episodes_.take_over(std::move(known[share.name]), share.told);
    auto episodes = findings_of(records, share.since);
    for (const Finding& finding : episodes) {
      const Reading of{{}, 0, finding.suspects.front().series};
      shares_.see({&of, 1}, index, part(index).series);
    }
    handovers_.push_back({Handover::What::comes, share.name, {}, std::move(episodes), share.since});
  }
  arrivals_.clear();
}

/// What the rules are to go on from. A series that may not be declared here is left out.
std::vector<Finding> Moves::findings_of(const std::vector<EpisodeRecord>& records,
                                        Timestamp since) {
  std::vector<Finding> findings;
  for (const auto& record : records) {
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
  return tell();
}

std::vector<Handover> Moves::tell() {
  for (const Handover& handover : handovers_) {
    if (!is_move(handover)) continue;
    ++shares_.moves;
    if (handover.what != Handover::What::comes) continue;
    shares_[shares_.named(handover.part)].came = shares_.moves;
  }
  return std::exchange(handovers_, {});
}

std::uint64_t Moves::under_way() const {
  std::uint64_t coming = 0;
  for (std::uint32_t i = 0; i < shares_.size(); ++i) {
    if (shares_[i].is_held && shares_[i].is_coming) ++coming;
  }
  return shares_.moves + coming;
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
  return tell();
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
  const auto owner_of = [&](SeriesId series) -> EpisodeTopic::Owner {
    const Share* const share = shares_.of(series);
    if (share == nullptr) return {};
    return {share->name, share->term, share->came};
  };
  return episodes_.publish(owner_of, 2 * looks_back_ + a_while, {});
}

}  // namespace sosie::kafka
