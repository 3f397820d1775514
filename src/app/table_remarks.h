#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/survey.h"

namespace sosie::app {

/// "a factor of 1000", "Celsius to Fahrenheit".
std::string conversion_text(const models::ColumnFacts::Jump& jump);

/// "what: first, second … (12)"; of many names the first.
std::string named(std::string_view what, std::vector<std::string> names);

/// What a table's rows are like, for whoever reads what was made of them: sensors that are mostly
/// missing, the same as another, that join or leave, or whose unit or level changed for good.
///
/// Takes the rows of learning, then the others, both in order. Places are rows, from 1 on. Memory:
/// that of a `models::Survey`. Threads: one.
class TableRemarks {
 public:
  explicit TableRemarks(std::vector<std::string> names);

  /// NaN: missing.
  void learn(std::span<const double> values);
  void judge(std::span<const double> values);

  /// One sentence for each thing that is there.
  void tell(std::vector<std::string>& notes) const;

 private:
  /// Rows behind those of learning, from 1 on over the whole table; 0: none has a value.
  struct Later {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };

  void tell_learned(const models::SurveyFacts& facts, std::vector<std::string>& notes) const;
  void tell_steps(const models::SurveyFacts& facts, std::vector<std::string>& notes) const;
  void tell_later(const models::SurveyFacts& facts, std::vector<std::string>& notes) const;

  std::vector<std::string> names_;
  models::Survey survey_;
  std::vector<Later> later_;
  std::uint64_t learned_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace sosie::app
