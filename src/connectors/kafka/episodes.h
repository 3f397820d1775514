#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/guarded.h"
#include "core/finding.h"
#include "core/series.h"
#include "wire/kafka/producer.h"

namespace sosie::kafka {

/// An episode of a rule, as the workers of a group tell each other of it.
struct EpisodeRecord {
  std::uint64_t id = 0;  ///< RuleEpisode::id
  std::string part;      ///< "topic/partition": whose devices its subject belongs to
  std::string rule;
  std::string subject;
  std::string entity;  ///< of the series it is about
  std::string attribute;
  double value = 0;
  Timestamp onset;
  Timestamp detected;
  std::optional<Timestamp> closed;
};

std::string record_text(const EpisodeRecord& record);
/// Errors (invalid): it is none.
Result<EpisodeRecord> record_from(std::string_view key, std::string_view text);

/// The episodes that are open, or ended not long ago, in a compacted topic: by their ids.
///
/// Threads: `found` any; the others one at a time.
class EpisodeTopic {
 public:
  /// `topic`: empty: there is none, and nothing is kept.
  EpisodeTopic(Config config, std::string topic)
      : config_(std::move(config)), topic_(std::move(topic)) {}

  bool is_on() const { return !topic_.empty(); }
  const std::string& name() const { return topic_; }

  /// Makes the topic if it is not there.
  Result<void> open() const;

  /// To be written by the next `publish`: what rules have found of a series or a device.
  void found(std::span<const FindingEvent> events, const SeriesTable& series);

  /// Writes what was found; returns when the brokers have it. `part_of` names the part that a
  /// series belongs to; empty: to none of ours, and its owner writes. What ended longer than `keep`
  /// ago is deleted. Errors (unavailable): not all was written; the next call writes it again.
  using PartOf = std::function<std::string(SeriesId)>;
  Result<void> publish(const PartOf& part_of, Duration keep, const std::stop_token& stop);

  /// One that was read and has ended: it is deleted in its time.
  void bury(const EpisodeRecord& record);

  /// All there is, by part.
  Result<std::map<std::string, std::vector<EpisodeRecord>>> read(const std::stop_token& stop);

 private:
  struct Found {
    std::uint64_t finding = 0;
    SeriesId series{};
    bool is_given_up = false;
    EpisodeRecord record;
  };
  Result<void> write(const std::vector<Found>& found, const PartOf& part_of,
                     const std::stop_token& stop);
  Result<void> put(std::uint64_t id, const std::optional<std::string>& text,
                   const std::stop_token& stop);
  Result<void> delete_old(Timestamp before, const std::stop_token& stop);

  const Config config_;
  const std::string topic_;
  Guarded<std::vector<Found>> found_;
  std::vector<Found> unwritten_;  ///< taken from found_
  std::unique_ptr<Producer> producer_;
  std::unordered_map<std::uint64_t, std::uint64_t> written_;  ///< by finding, its episode
  std::multimap<Timestamp, std::uint64_t> over_;              ///< since when, and which
  std::unordered_map<std::uint64_t, Timestamp> ends_;  ///< of those in over_, as last written
  Timestamp newest_;                                   ///< end of an episode
};

}  // namespace sosie::kafka
