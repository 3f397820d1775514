#include "store/own_folder.h"

#include <filesystem>

#include <fmt/format.h>

namespace sosie {

Result<void> make_own_folder(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const bool is_new = fs::create_directories(path, failed);
  if (!failed && is_new) fs::permissions(path, fs::perms::owner_all, failed);
  if (!failed) return {};
  return Error{Errc::unavailable, fmt::format("{}: cannot be made: {}", path, failed.message())};
}

}  // namespace sosie
