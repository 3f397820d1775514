#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/guarded.h"
#include "core/finding.h"
#include "core/handover.h"
#include "core/series.h"
#include "wire/kafka/producer.h"

namespace sosie::kafka {

/// An episode of a rule, as the workers of a group tell each other of it.
struct EpisodeRecord {
  std::uint64_t id = 0;    ///< RuleEpisode::id
  std::uint64_t term = 0;  ///< in which its writer held the part (Rewind::term)
  std::string part;        ///< "topic/partition": whose devices its subject belongs to
  std::string rule;
  std::string subject;
  std::string entity;  ///< of the series it is about
  std::string attribute;
  double value = 0;
  Timestamp onset;
  Timestamp detected;
  std::optional<Timestamp> closed;
};

/// "00000000000fedc0/18": each term has its own, so that compacting the topic never lets what an
/// owner of before has written too late take the place of what counts.
std::string record_key(std::uint64_t id, std::uint64_t term);
std::string record_text(const EpisodeRecord& record);
/// Errors (invalid): it is none.
Result<EpisodeRecord> record_from(std::string_view key, std::string_view text);

/// Of a part's records those that count for whoever takes it over, where all that counts has been
/// told again since the term `told`: of each id the latest. What does not goes to `stale`.
std::vector<EpisodeRecord> choose_records(std::vector<EpisodeRecord> records, std::uint64_t told,
                                          std::vector<EpisodeRecord>& stale);

/// The episodes that are open, or ended not long ago, in a compacted topic: by their ids and the
/// terms of who wrote them.
///
/// Threads: `found` and `moves` any; the others one at a time.
class EpisodeTopic {
 public:
  /// `topic`: empty: there is none, and nothing is kept.
  EpisodeTopic(Config config, std::string topic)
      : config_(std::move(config)), topic_(std::move(topic)) {}

  bool is_on() const { return !topic_.empty(); }
  const std::string& name() const { return topic_; }

  /// Makes the topic if it is not there.
  Result<void> open() const;

  /// To be written by the next `publish`: what rules have found of a series or a device, behind
  /// what came and went before it.
  void found(std::span<const Handover> handovers, std::span<const FindingEvent> events,
             const SeriesTable& series);
  /// What has come and gone by what `found` was told (is_move).
  std::uint64_t moves() const { return moves_; }

  /// How a part is held.
  struct Owner {
    std::string part;  ///< empty: it is none of ours, and its owner writes
    std::uint64_t term = 0;
    std::uint64_t came = 0;  ///< by `moves`; what was found before counts no more
  };
  /// Writes what was found; returns when the brokers have it. What ended longer than `keep` ago is
  /// deleted. Errors (unavailable): not all was written; the next call writes it again.
  using OwnerOf = std::function<Owner(SeriesId)>;
  Result<void> publish(const OwnerOf& owner_of, Duration keep, const std::stop_token& stop);

  /// Those of a part's records that count (choose_records). What does not is deleted by the next
  /// `publish`, what has ended in its time, and the rest once it is written anew.
  std::vector<EpisodeRecord> take_over(std::vector<EpisodeRecord> records, std::uint64_t told);

  /// All there is, by part.
  Result<std::map<std::string, std::vector<EpisodeRecord>>> read(const std::stop_token& stop);

 private:
  struct Found {
    std::uint64_t finding = 0;
    SeriesId series{};
    bool is_given_up = false;
    std::uint64_t moves = 0;  ///< that went before
    EpisodeRecord record;
  };
  Result<void> write(const std::vector<Found>& found, const OwnerOf& owner_of,
                     const std::stop_token& stop);
  Result<void> put(std::string_view key, const std::optional<std::string>& text,
                   const std::stop_token& stop);
  Result<void> remove(std::uint64_t id, std::optional<std::uint64_t> but,
                      const std::stop_token& stop);
  void bury(const EpisodeRecord& record);
  Result<void> delete_old(Timestamp before, const std::stop_token& stop);

  const Config config_;
  const std::string topic_;
  Guarded<std::vector<Found>> found_;
  std::atomic<std::uint64_t> moves_{0};
  std::vector<Found> unwritten_;  ///< taken from found_
  std::unique_ptr<Producer> producer_;
  std::unordered_map<std::uint64_t, std::uint64_t> written_;  ///< by finding, its episode
  std::multimap<Timestamp, std::uint64_t> over_;              ///< since when, and which
  std::unordered_map<std::uint64_t, Timestamp> ends_;       ///< of those in over_, as last written
  std::map<std::uint64_t, std::set<std::uint64_t>> terms_;  ///< by id: those that stand there
  std::vector<EpisodeRecord> stale_;                        ///< to be deleted
  Timestamp newest_;                                        ///< end of an episode
};

}  // namespace sosie::kafka
