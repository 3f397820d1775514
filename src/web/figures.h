#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "compliance/deru.h"
#include "compliance/efficiency.h"
#include "engine/engine.h"
#include "evaluation/score.h"

namespace sosie::web {

/// What is computed from much of the store: made anew at most every few seconds, however many
/// pages and scrapers ask.
///
/// Threads: any; one computes at a time.
class Figures {
 public:
  explicit Figures(Engine& engine) : engine_(engine) {}

  /// Findings against labels, over the last `hours`.
  Result<Score> scoreboard(int hours);

  /// None where the scenario has no [compliance].
  Result<std::optional<DeruReport>> compliance(int days);
  Result<std::optional<Efficiency>> efficiency(int hours);

 private:
  /// The last answer to each question, and when it was made.
  template <class T>
  struct Kept {
    struct Answer {
      T value;
      std::chrono::steady_clock::time_point at;
    };
    std::map<int, Answer> answers;
  };
  template <class T, class Make>
  Result<T> keep(Kept<T>& kept, int question, Make make);

  Result<Score> make_scoreboard(int hours) const;
  Result<std::optional<DeruReport>> make_compliance(int days) const;
  Result<std::optional<Efficiency>> make_efficiency(int hours) const;

  Engine& engine_;
  std::mutex mutex_;
  Kept<Score> scores_;
  Kept<std::optional<DeruReport>> reports_;
  Kept<std::optional<Efficiency>> efficiencies_;
};

}  // namespace sosie::web
