#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/finding.h"
#include "core/section.h"
#include "diagnosis/clues.h"

namespace sosie::diagnosis {

static_assert(clue_count <= 256, "a split names its clue by a byte");

/// How likely each kind is, `unknown` (none of the five) being the last.
using Chances = std::array<double, kind_count>;

/// Of points, which may be of any size: exp(point) over the sum of these.
Chances softmax(Chances points);

/// What was learned of causes: gradient-boosted trees over named clues, whose points become chances
/// by a softmax (Friedman: Greedy Function Approximation, Annals of Statistics 29, 2001).
///
/// A text file (TOML, docs/verdict-model.md says how it reads). One is part of the program,
/// src/diagnosis/verdict.toml; a scenario may name another. Immutable; any thread.
class VerdictModel {
 public:
  static constexpr std::int64_t format = 1;

  /// Errors, with file and line: another format, a clue that is not known here (with the nearest
  /// name), a tree of a wrong size, a number that is none.
  static Result<VerdictModel> read(Section& file);
  static Result<VerdictModel> read_text(std::string_view text, std::string_view name);
  static Result<VerdictModel> read_file(const std::string& path);

  /// The one in the program; read once.
  static const VerdictModel& built_in();

  Chances chances(const Clues& clues) const;
  /// The same before anything is known: as often as kinds were in what was learned from.
  Chances chances_before() const;

  const std::string& name() const { return name_; }
  double least() const { return least_; }  ///< a kind that is less likely is only proposed

 private:
  friend class ModelReading;

  /// Decision trees, complete to their depths: node i's children are 2i+1 and 2i+2. One behind the
  /// other in memory, and small, as a verdict mostly finds them in no cache.
  struct Trees {
    std::vector<std::uint8_t> sizes;  ///< splits of each
    std::vector<double> above;        ///< of each split: right where the clue is more than that
    std::vector<std::uint8_t> clues;  ///< of each split: which, an index into `clue_names()`
    std::vector<double> leaves;       ///< points; of each tree one more than splits

    double points(const Clues& seen) const;
  };

  std::string name_;
  double least_ = 0;
  Chances start_{};  ///< points where nothing is known
  std::vector<std::pair<std::size_t, Chances>> by_hand_;
  std::array<Trees, kind_count> trees_;
};

}  // namespace sosie::diagnosis
