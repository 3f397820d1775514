#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace sosie::opendata {

/// What was downloaded from an address, with what its server said of its version.
struct Kept {
  std::string url;
  std::string etag;           ///< empty: none
  std::string last_modified;  ///< as the server wrote it; empty: none
  Timestamp at;               ///< when it was last known to be right
  std::string body;
};

/// Downloads in a folder, two files each. What is half written, or of another address, is none.
///
/// Threads: one at a time; two programs may share a folder.
class Cache {
 public:
  /// An empty folder's name: keeps nothing.
  explicit Cache(std::string folder) : folder_(std::move(folder)) {}

  std::optional<Kept> find(const std::string& url) const;
  Result<void> keep(const Kept& kept) const;
  /// Only its time is new.
  Result<void> touch(const Kept& kept) const;

 private:
  std::string path_of(const std::string& url, const char* ending) const;

  std::string folder_;
};

/// Writes a file so that a reader sees the old one or the new one, never a half.
Result<void> replace_file(const std::string& path, std::string_view bytes);

}  // namespace sosie::opendata
