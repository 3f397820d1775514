#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/plant.h"

namespace sosie {

/// What people may do to a running simulation, from the page, the command line or a test. A source
/// that simulates implements it beside Source.
///
/// Threads: any.
class Simulator {
 public:
  struct Status {
    std::string plant;  ///< the plant's kind
    std::uint64_t seed = 0;
    double speed = 1;         ///< times real time; 0: as fast as possible
    std::string weather;      ///< as it is now
    std::string weather_set;  ///< as it was asked for: "auto" or one of weathers
    std::vector<std::string> weathers;
    double fault_rate = 0;
    Timestamp now;             ///< the plant's
    bool catching_up = false;  ///< making its history
    std::vector<Label> running;
    std::vector<FaultType> types;
    std::vector<Setpoint> setpoints;
  };

  virtual ~Simulator() = default;

  /// Set once by the engine, before `run`: where labels go.
  virtual void labels_to(LabelSink& sink) = 0;

  virtual Status status() const = 0;
  virtual Result<void> set_speed(double speed) = 0;
  virtual Result<void> set_weather(const std::string& weather) = 0;
  virtual Result<void> set_fault_rate(double share) = 0;
  virtual Result<std::uint64_t> inject(const FaultOrder& order) = 0;
  virtual Result<void> cancel(std::uint64_t label) = 0;
  virtual Result<void> set_setpoint(const std::string& name, double value) = 0;

  /// A copy of the plant as it is at this moment, whose life is its own. The plant waits while its
  /// state is copied, and no longer. Errors: it has not begun to live.
  virtual Result<std::unique_ptr<Plant>> fork() const = 0;

  /// The plant for those who do not run it: as it was `remembered` (Intake::remember) in another
  /// life or, with nothing of that, as it would begin at `at`. Errors: what was remembered is of
  /// another seed or program.
  virtual Result<std::unique_ptr<Plant>> revive(std::optional<std::string_view> remembered,
                                                Timestamp at) const = 0;
};

}  // namespace sosie
