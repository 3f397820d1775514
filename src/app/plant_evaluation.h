#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "app/detector_run.h"
#include "evaluation/confusion.h"
#include "evaluation/row_score.h"
#include "evaluation/score.h"
#include "wire/json/writer.h"

namespace sosie::app {

/// What a scenario's detectors were worth on labelled data.
struct PlantEvaluation {
  /// Of one fault, by its name in the plant.
  struct Fault {
    std::string name;
    Kind kind = Kind::unknown;
    std::size_t labels = 0;
    std::size_t found = 0;
    std::size_t named_right = 0;  ///< the kind
    std::optional<double> median_delay_s;
  };
  std::string scenario;
  std::string data;  ///< what it was held against
  DetectorRun run;
  Score score;
  ScoreIntervals intervals;
  Confusion confusion;
  std::vector<Fault> faults;
  std::size_t single = 0;        ///< labels of one sensor that were found
  std::size_t single_first = 0;  ///< of them, those whose sensor is the first that is blamed
  std::optional<RowScore> rows;  ///< of minutes; none: nothing is labelled
};

/// Holds a run against its labels. A label that names sensors is found by a finding that blames one
/// of them (score.h).
PlantEvaluation evaluate_run(DetectorRun run, std::string scenario, std::string data);

std::string to_text(const PlantEvaluation& evaluation);
void write(json::Writer& out, const PlantEvaluation& evaluation);

}  // namespace sosie::app
