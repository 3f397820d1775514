#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/finding.h"
#include "core/reading.h"

namespace sosie {

/// Ground truth: a cause that was put in on purpose (or that people marked in a recording). Labels
/// travel on a road of their own, from the simulation to the store and the scoreboard: no room on a
/// reading's way may include this header, and the build sees to it.
struct Label {
  std::uint64_t id = 0;
  std::string asset;
  Kind kind = Kind::unknown;
  std::string scenario;                   ///< "stuck", "blower_trip": the fault's name in its plant
  std::vector<std::string> direct;        ///< names of the series that were tampered with
  std::vector<std::string> consequences;  ///< names of series that follow, as far as known
  Timestamp start;
  Timestamp end;  ///< planned while it runs, real once it is over
  /// Where what was done ends before what is seen of it does; none: both at `end`.
  std::optional<Timestamp> cause_ends{};
  bool over = false;
  double size = 0;  ///< in the fault's own unit, for the record
  Words text;       ///< what was done
};

class LabelSink {
 public:
  virtual ~LabelSink() = default;
  /// Called when a label begins and again, with the same id, when it ends or changes. Any thread.
  virtual void label(const Label& label) = 0;
};

/// A source whose readings come with ground truth (a recording that people marked) implements this
/// beside Source. A simulation has Simulator::labels_to instead.
class Labelled {
 public:
  virtual ~Labelled() = default;

  /// Set once by the engine, before `run`: where labels go. `sink` outlives the source.
  virtual void labels_to(LabelSink& sink) = 0;
};

}  // namespace sosie
