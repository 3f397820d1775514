#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/bootstrap.h"
#include "evaluation/runs.h"
#include "evaluation/vus.h"

namespace sosie {

/// What was said of each row, and what is true of it. All of one length.
struct ScoredRows {
  std::vector<double> score;         ///< the higher, the more abnormal
  std::vector<std::uint8_t> flag;    ///< 1: under alarm
  std::vector<std::uint8_t> change;  ///< 1: a change point
  std::vector<std::uint8_t> label;   ///< 1: truly abnormal
  std::vector<std::int64_t> at_us;   ///< when; empty: the table has no times
};

/// One figure for each; in the order in which they are told.
enum class RowFigure : std::uint8_t {
  event_recall,           ///< labelled events that a flagged row lies in / labelled events
  event_precision,        ///< episodes of flags that meet an event / episodes
  event_f1,               ///< harmonic mean of the two
  delay_s,                ///< median, from an event's first row to the first flag in it
  false_episodes,         ///< episodes that meet no event
  false_per_day,          ///< the same a day of the record
  average_precision,      ///< of the score over rows
  vus_pr,                 ///< of the score, with soft edges
  roc_auc,                ///< of the score over rows
  affiliation_precision,  ///< of the flags
  affiliation_recall,     ///< of the flags
  point_f1,               ///< of the flags over rows, with no adjustment
  point_precision,
  point_recall,
  nab,         ///< of the first rows of episodes; windows are the labelled events
  change_nab,  ///< of change points; windows are the rows behind each edge of an event
  alarmed,     ///< share of the rows that are flagged
  count
};
inline constexpr auto row_figures = static_cast<std::size_t>(RowFigure::count);
std::string_view to_text(RowFigure figure);

using RowFigures = std::array<std::optional<double>, row_figures>;

struct RowFloor {
  std::string_view name;
  RowFigures figures;
};

struct RowScoreOptions {
  BootstrapOptions bootstrap;
  VusOptions vus;
  std::size_t change_rows = 60;  ///< how long behind an edge its change point may be told
  std::size_t random_runs = 20;  ///< the "random" floor is their mean
  std::uint64_t seed = 1;
};

struct RowScore {
  std::size_t rows = 0;
  std::size_t labelled = 0;  ///< rows
  std::size_t events = 0;
  std::size_t episodes = 0;
  double nab_raw = 0;  ///< for adding up several files
  std::array<std::optional<Estimate>, row_figures> figures;
  std::vector<RowFloor> floors;
};

/// Every figure, without point adjustment, and what is had without looking at the data: "never",
/// "always", "metronome" (as many episodes as there were, of their median length, at even
/// distances), "random" (as many, of the same lengths, anywhere; scores by chance) and "clock" (the
/// score is the row's number). Intervals are of what counts rows or events; delays and NAB's scores
/// have none. Pure; any thread. Memory: about 60 bytes a row.
RowScore score_rows(const ScoredRows& rows, const RowScoreOptions& options = {});

}  // namespace sosie
