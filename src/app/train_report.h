#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/blind_spots.h"
#include "app/learning_rows.h"
#include "engine/engine.h"
#include "models/survey.h"
#include "wire/json/writer.h"

namespace sosie::app {

/// What came of learning, and what the model cannot see.
struct TrainReport {
  struct Sensor {
    std::string name;
    std::string unit;
    models::ColumnFacts facts;
    std::string same_as;  ///< that sensor's name, or empty
    std::optional<BlindSpot> blind{};
  };
  /// A stretch of learning rows that looks like a fault, and was left out.
  struct Suspected {
    std::string sensor;
    Timestamp from;
    Timestamp to;
  };
  std::string input;     ///< a table, or the scenario's data
  std::string scenario;  ///< file
  std::string model_file;
  bool is_new_scenario = false;
  bool is_shadow = false;       ///< it judges nothing before it has proved better
  std::uint32_t judged_by = 0;  ///< by which model meanwhile; 0: none
  ModelCard card;
  models::SurveyFacts facts;  ///< but for its columns
  Duration frame_period{};
  std::vector<Sensor> sensors;
  std::vector<Suspected> suspected;
  std::optional<BlindSpots> held_out{};  ///< but for its columns; none: too few rows
  std::vector<std::string> notes;

  static constexpr std::size_t most_listed = 12;  ///< of one sort, where people read
};

struct TrainRequest {
  double held_out = 0.2;  ///< share of the time, its end, on which what it sees is measured
  std::string model_folder;
  models::State state = models::State::active;
};

/// Learns `rows`, keeps the model as the folder's next version, and says what can be said of it.
///
/// What looks like a fault in the rows (a first model finds it in what it has learned from itself)
/// is left out, as far as the others contradict a sensor that is blamed or else as long as it was
/// found, unless that is more than a tenth of all values, or a quarter of one sensor's: then it is
/// life (models/left_out.h). What the model would notice is measured with one that has not learned
/// the rows it is measured on; the one that is kept has learned all of them. Errors: nothing to
/// learn from; the folder cannot be written.
Result<TrainReport> train(LearningRows& rows, const Training& training,
                          const TrainRequest& request);

double seconds_in(Duration span);
std::string to_text(const TrainReport& report);
void write(json::Writer& out, const TrainReport& report);

}  // namespace sosie::app
