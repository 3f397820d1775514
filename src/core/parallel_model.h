#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/frame.h"

namespace sosie {

/// A model of an asset that runs beside it: fed with what is measured where things come in and with
/// what is done there, it says what every other sensor should show. It does not hear those others,
/// so it does not believe them either.
///
/// Life: made from a scenario ("kind" names it, as a plant's); `begin`; then `step` for each frame.
/// A plant's room implements it, a detector asks for it; neither knows the other.
/// Threads: one at a time. The same frames give the same, bit for bit.
class ParallelModel {
 public:
  virtual ~ParallelModel() = default;

  /// Called before all else, and again when the asset has got more series. What a column is, it
  /// knows by its name; those it does not know it says nothing of.
  virtual void begin(const AssetColumns& columns) = 0;

  /// How many of the asset's columns the model knows; 0: it is the model of another asset.
  virtual std::size_t known() const = 0;

  /// Lives until `frame.at`, and says what each column should show then, in its unit; NaN: nothing,
  /// for it is not known, or is what the model itself believes. True: frames follow each other.
  /// False: the model has begun, or time has leapt, and for `settling_time` what it says is not
  /// worth much. Of a frame from before its time (that of a state it was given, say) it says
  /// nothing, and goes on from there. Allocates nothing but the first time. REQUIRES: one element a
  /// column.
  virtual bool step(const Frame& frame, std::span<double> expected) = 0;

  virtual Duration settling_time() const = 0;

  /// Everything it takes to go on later, as bytes of this build.
  virtual std::string save() const = 0;
  /// Errors: unsupported, of a model of another configuration, by which what this one says cannot
  /// be judged; corrupt, damaged or of another build. It is as it was then.
  virtual Result<void> load(std::string_view state) = 0;
};

}  // namespace sosie
