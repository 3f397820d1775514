#include "store/file_lock.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

namespace sosie {
namespace {

std::string holder_of(int file) {
  std::array<char, 32> text{};
  const auto size = pread(file, text.data(), text.size(), 0);
  return std::string(trim({text.data(), size > 0 ? static_cast<std::size_t>(size) : 0}));
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& path) {
  // Whoever can open it can hold it, and so keep us from our store.
  constexpr mode_t owner_alone = S_IRUSR | S_IWUSR;
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_alone);
  if (file < 0) {
    return Error{Errc::unavailable, fmt::format("{}: {}", path, std::strerror(errno))};
  }
  FileLock lock(file);
  static_cast<void>(fchmod(file, owner_alone));  // earlier ones were made for all to read
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    return Error{Errc::unavailable,
                 fmt::format("{}: another Sosie (process {}) writes to this store; stop it first, "
                             "or give this one another [store] file",
                             path, holder_of(file))};
  }
  // Who holds it is for people; the lock is good without (a full disk has no room for it).
  const auto pid = fmt::format("{}\n", getpid());
  if (ftruncate(file, 0) == 0 && pwrite(file, pid.data(), pid.size(), 0) < 0) return lock;
  return lock;
}

FileLock::~FileLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace sosie
