#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace sosie {

/// All that an asset's detectors have learned, as one versioned file:
///
///     "SOSIEMDL" | format u32 | length u64 | FNV-1a of the rest u64 | fields | parts
///
/// A part is what one detector's `save` gave, under "<place in the scenario>/<kind>".
struct ModelFile {
  static constexpr std::uint32_t format = 1;

  std::uint32_t version = 0;  ///< 1, 2, 3 … in its folder
  Timestamp trained_at;
  Timestamp from;
  Timestamp to;
  std::uint64_t frames = 0;
  std::uint64_t seed = 0;
  std::map<std::string, std::string> parts;

  std::string encode() const;

  /// Errors: corrupt (not a model, cut, changed), unsupported (another format), with what was read.
  static Result<ModelFile> decode(std::string_view bytes);
};

/// The models of one scenario: model-1.sosie, model-2.sosie …
class ModelFolder {
 public:
  explicit ModelFolder(std::string folder) : folder_(std::move(folder)) {}

  /// The newest; none if there is none. Errors: as decode's, with the file's name.
  Result<std::optional<ModelFile>> newest() const;

  /// Writes `model` under the next version, which it is given. Whole or not at all.
  Result<void> add(ModelFile& model) const;

 private:
  std::string path_of(std::uint32_t version) const;
  std::uint32_t newest_version() const;

  std::string folder_;
};

}  // namespace sosie
