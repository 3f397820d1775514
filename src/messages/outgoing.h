#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/alarm.h"
#include "core/finding.h"
#include "core/series.h"
#include "core/sink.h"

namespace sosie::messages {

/// What leaves for other programs, as JSON: the same by whatever way it goes.
///
/// A reading is as POST /api/readings takes it, with what else is known of it.
std::string reading_text(const SinkReading& reading, const SeriesInfo& info);
/// A step of an alarm; `info`: of its series, null if it has none.
std::string step_text(const AlarmEvent& step, const SeriesInfo* info);
/// What became of a finding; `info`: of its first suspect, null if it has none.
std::string finding_text(const FindingEvent& event, const SeriesInfo* info);

/// Of an episode whose onset a late reading has moved: its former id is over, and goes on as `to`.
struct Move {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};
std::string moved_text(const Move& move, const AlarmEvent& step, const SeriesInfo* info);
std::string moved_text(const Move& move, const FindingEvent& event, const SeriesInfo* info);

/// Under which episode's id others were told last of each finding, or of each alarm, since the
/// program began. What is told in a batch counts once all of it is `sent`: until then the batch may
/// come again.
///
/// Threads: one at a time.
class ToldEpisodes {
 public:
  void begin() { batch_.clear(); }
  /// Of one of the two alone. None: its episode is as before, or begins: an alarm that is raised
  /// again is of another episode, and nothing has moved.
  std::optional<Move> tell(const AlarmEvent& step);
  std::optional<Move> tell(const FindingEvent& event);
  void sent();

 private:
  std::optional<Move> tell(std::uint64_t number, std::uint64_t episode, bool is_over);

  static constexpr std::size_t most_over = 65'536;  ///< those may still move for a while
  struct Told {
    std::uint64_t episode = 0;
    bool is_over = false;
  };
  std::unordered_map<std::uint64_t, Told> told_;
  std::unordered_map<std::uint64_t, Told> batch_;
  std::deque<std::uint64_t> over_;
};

/// The series that a finding is about first.
std::optional<SeriesId> first_suspect(const Finding& finding);

/// The series that wildcards name (none: all): one of them is as the series' entity or its
/// SeriesInfo::name(). What is about no series is chosen too.
///
/// Remembers its answer, a byte a series: names never change. Threads: one at a time.
class ChosenSeries {
 public:
  explicit ChosenSeries(std::vector<std::string> wildcards) : wildcards_(std::move(wildcards)) {}

  bool has(std::optional<SeriesId> id, const SeriesTable& series);

 private:
  enum class Answer : std::uint8_t { unknown, no, yes };

  std::vector<std::string> wildcards_;
  std::vector<Answer> answers_;  ///< by series
};

}  // namespace sosie::messages
