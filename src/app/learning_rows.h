#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/feed.h"
#include "app/stored.h"
#include "base/result.h"
#include "core/series.h"
#include "engine/plan.h"
#include "engine/training.h"
#include "models/survey.h"

namespace sosie::app {

/// What is to be learned from, with what can be said of it beforehand.
class LearningRows : public FrameTape {
 public:
  virtual const SeriesTable& series() const = 0;
  /// Reads all of it once. Column i of the facts is column i of the frames.
  virtual Result<models::SurveyFacts> survey() = 0;
  /// What is known not to be ordinary: rows that are labelled, sensors under an alarm. After
  /// `survey`.
  virtual Result<Blanks> known_faults() = 0;
  /// What was decided, left out, not readable; a sentence each. After `survey`.
  virtual std::vector<std::string> notes() const = 0;
};

struct TableRequest {
  TableFeed table;
  std::size_t rows = 0;           ///< the first so many; 0: all
  std::vector<SeriesInfo> known;  ///< the scenario's series; empty: any column is one
  std::string asset;
  Duration period{};  ///< of frames
};

/// Anybody's table. Errors: as open_table's; none of its columns is a series of the scenario.
Result<std::unique_ptr<LearningRows>> open_table_rows(const TableRequest& request);

/// What a scenario has stored. Errors: nothing is.
Result<std::unique_ptr<LearningRows>> open_stored_rows(const Place& place, const Plan& plan,
                                                       const std::string& from,
                                                       const std::string& to);

}  // namespace sosie::app
