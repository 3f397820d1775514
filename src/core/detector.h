#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/alarm.h"
#include "core/frame.h"

namespace sosie {

enum class SymptomKind : std::uint8_t {
  limit,         ///< beyond a limit that people set
  out_of_range,  ///< beyond what the sensor can measure, or at its very end
  rate,          ///< changed faster than it ever did
  spike,         ///< one value far off, gone at once
  stuck,         ///< the same value for longer than it ever was
  noise,         ///< trembles more (or less) than it ever did
  missing,       ///< no value for longer than its cadence
  drift,         ///< creeps away from what the other sensors say
  residual,      ///< is not what the other sensors say
  multivariate,  ///< the asset as a whole is in a state never seen (forest)
  replay,        ///< shows what it did not measure: past digits, or what others let expect
  command,       ///< command and effect disagree
  deviation,     ///< far off its own recent course
};
std::string_view to_text(SymptomKind kind);

/// One column's part in a symptom of the whole asset.
struct Share {
  std::uint32_t column = 0;
  double share = 0;  ///< of the whole, 0..1, by absolute contribution
  double contribution =
      0;  ///< in the detector's own unit; for a forest exact SHAP, negative = abnormal
};

inline constexpr std::uint32_t no_column = 0xFFFFFFFF;

/// What a detector saw: evidence, not yet a verdict. Reported when it begins (`active`), again when
/// what it says changes much (a higher score), and once when it is over (not `active`).
struct Symptom {
  std::string_view detector;  ///< the plug-in's name; a string literal
  SymptomKind kind = SymptomKind::limit;
  bool active = true;
  Timestamp at;                      ///< of the frame
  Timestamp since;                   ///< when it really began, as far as the detector can tell
  Timestamp until{};                 ///< of one that is over, when it last held; epoch: at `at`
  std::uint32_t column = no_column;  ///< or the whole asset
  double score = 0;                  ///< 0 ordinary .. 1 certainly abnormal
  double value = 0;                  ///< what was measured
  double expected = 0;
  double low = 0;  ///< the band of what would have been ordinary
  double high = 0;
  // g++ wants these initializers where a Symptom is made with designated ones, clang-tidy does not.
  // NOLINTBEGIN(readability-redundant-member-init)
  std::span<const Share> shares{};  ///< largest first; valid during the call only
  double anomaly = 0;       ///< on the detector's own scale; of a forest its decision_function
  std::string_view rule{};  ///< of a limit: "high", "low_low" …; a string literal
  std::optional<Priority> priority{};  ///< of a limit, if people set one
  // NOLINTEND(readability-redundant-member-init)
};

/// A limit that people set, for those who draw it. `column` may have several.
struct Limit {
  std::uint32_t column = 0;
  std::string_view name;  ///< "high_high", "high", "low" or "low_low"
  double value = 0;
  Priority priority = Priority::medium;
};

class SymptomSink {
 public:
  virtual ~SymptomSink() = default;
  virtual void report(const Symptom& symptom) = 0;
};

/// Looks at an asset's frames and says when something is out of the ordinary.
///
/// Life: made from the scenario; `begin`; `learn` for each frame of the learning period, `settle`
/// (or `load` of what an earlier `save` gave); then `look` for each frame. `settle` and `save` may
/// also come in the middle, for a rehearsal, and learning goes on.
/// Threads: all calls come from the asset's lane; no locks needed.
/// Budget: 10 us for 127 columns in `look`; it may not block, log, or allocate unless it reports.
class Detector {
 public:
  virtual ~Detector() = default;

  /// Called before all else, and again when the asset has got more series: the columns known so
  /// far keep their places, and what was learned of them stays.
  virtual void begin(const AssetColumns& columns) = 0;

  /// One frame of ordinary life (it may hold unlabelled faults: learn robustly). Default: nothing.
  virtual void learn(const Frame& /*frame*/) {}

  /// Ends learning. Also called again later, after more learning.
  virtual Result<void> settle() { return {}; }

  virtual void look(const Frame& frame, SymptomSink& out) = 0;

  /// The limits that people set in the scenario; most detectors have none.
  virtual std::vector<Limit> limits() const { return {}; }

  /// What was learned, as bytes; empty: nothing to keep. By series *name*, not by column.
  virtual std::string save() const { return {}; }

  /// Takes over what `save` gave. Errc::corrupt or ::unsupported says what was read and expected.
  virtual Result<void> load(std::string_view /*model*/) { return {}; }
};

}  // namespace sosie
