#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace sosie {

/// Keeps other programs from writing to the same file. The kernel lets go of it when the program
/// ends, however it ends; the lock's own file stays and means nothing.
class FileLock {
 public:
  /// Errors: held by another program (its process id is told), or the file cannot be made.
  static Result<FileLock> take(const std::string& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace sosie
