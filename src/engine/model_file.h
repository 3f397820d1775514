#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "models/registry.h"

namespace sosie {

/// All that an asset's detectors have learned, as one versioned file:
///
///     "SOSIEMDL" | format u32 | length u64 | FNV-1a of the rest u64 | fields | parts
///
/// A part is what one detector's `save` gave, under "<place in the scenario>/<kind>"; "profile" is
/// the ordinary bands, "about" what it was learned of (models/about.h; files of before have none).
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

/// The models of one scenario, model-1.sosie, model-2.sosie …, and models.json, the register that
/// says which of them judges (models/registry.h).
///
/// Threads and processes: any; what changes the folder has it alone (a lock on a file in it). What
/// is written is on the disk, whole, when the call returns: after a crash the folder is as before a
/// call or as after it.
class ModelFolder {
 public:
  explicit ModelFolder(std::string folder) : folder_(std::move(folder)) {}

  /// Errors: not_found, unavailable; as decode's, with the file's name.
  Result<ModelFile> load(std::uint32_t version) const;

  /// What stands in the register, with files that it does not know. One that is damaged is put
  /// aside, and the newest file judges.
  models::Registry registry() const;

  /// Writes `model` under the next version, which it is given, and enters it: `about` with that
  /// number, times and frames.
  Result<void> add(ModelFile& model, models::Version about, const std::string& who) const;

  /// Changes the register. Errors: those of `act`, and then nothing is written; unavailable.
  using Act = std::function<Result<void>(models::Registry&)>;
  Result<void> change(const Act& act) const;

  /// Another text whenever the register was written: cheap to ask.
  std::string stamp() const;

 private:
  std::string path_of(std::uint32_t version) const;
  std::string register_path() const;
  std::vector<std::uint32_t> versions() const;
  models::Registry read_registry() const;
  Result<void> write_registry(const models::Registry& registry) const;

  std::string folder_;
};

}  // namespace sosie
