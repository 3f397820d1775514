#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "core/frame.h"
#include "engine/model_file.h"
#include "engine/training.h"
#include "models/survey.h"

namespace sosie::app {

/// Frames kept, to be looked at again and again.
struct KeptFrame {
  Timestamp at;
  std::vector<double> values;
  std::vector<Timestamp> measured_at;
  std::vector<std::uint8_t> fresh;
};

/// What a model would notice of one sensor.
struct BlindSpot {
  /// The smallest lasting offset that was noticed, wherever and in whichever direction it was
  /// tried, in the sensor's unit; none: not the largest that was tried.
  std::optional<double> offset{};
  double largest_offset = 0;  ///< that was tried
  /// How far it was off, creeping away evenly, when that was noticed; none: not by `largest_creep`.
  std::optional<double> creep{};
  double creep_per_day = 0;
  double largest_creep = 0;
};

struct BlindSpots {
  std::vector<std::optional<BlindSpot>> columns;  ///< none: it was not measured
  Duration lasts{};                               ///< of an offset
  Duration creep_lasts{};
  std::size_t places = 0;      ///< where it was tried
  std::uint64_t findings = 0;  ///< on the held-out frames as they are
  double days = 0;             ///< of them
};

/// Adds what a fault would add to one sensor at a time in `frames`, which `model` has not learned
/// from, and sees whether a finding says so within the time and has the sensor among the first
/// three it blames.
///
/// Offsets are tried from half of the sensor's own spread to 20 of it, by halving; a creep goes to
/// 10 of it. Takes some seconds a hundred sensors; frames beyond what that needs are left out.
/// Errors: the scenario's detectors cannot be made.
Result<BlindSpots> blind_spots(const Training& training, const ModelFile& model,
                               const AssetColumns& columns, std::span<const KeptFrame> frames,
                               std::span<const models::ColumnFacts> facts);

}  // namespace sosie::app
