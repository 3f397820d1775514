#include "store/restore.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/time_text.h"
#include "store/file_lock.h"
#include "store/own_folder.h"
#include "store/schema.h"

namespace sosie {
namespace {

namespace fs = std::filesystem;

/// "20261120T164500Z": a time that may stand in a file's name.
std::string name_of(Timestamp now) {
  auto text = to_iso8601(std::chrono::floor<std::chrono::seconds>(now));
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text.substr(0, text.find('.')) + (text.find('.') == std::string::npos ? "" : "Z");
}

Error failed(const std::string& path, const std::error_code& why) {
  return {Errc::unavailable, fmt::format("{}: {}", path, why.message())};
}

Result<void> copy_whole(const std::string& backup, const std::string& copy) {
  if (!fs::exists(backup)) return Error{Errc::not_found, backup + ": there is no such file"};
  auto database = TRY(open_backup(backup));
  std::error_code none;
  fs::remove(copy, none);  // of an attempt that failed
  return copy_database(*database, copy);
}

/// What is only in its log goes into the file itself, so that the file alone is the whole store.
void fold_log(const std::string& path) {
  const auto database = Database::open(path, Database::Mode::create);
  if (!database) return;
  // One that is damaged beyond this is kept with its log, below.
  (void)(*database)->execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

/// The old store gets a second name, `aside`; its log, which must not meet another file, moves.
Result<void> keep_aside(const std::string& path, const std::string& aside) {
  fold_log(path);
  std::error_code wrong;
  fs::create_hard_link(path, aside, wrong);
  if (wrong) fs::copy_file(path, aside, wrong);
  if (wrong) return failed(aside, wrong);
  const auto log = path + "-wal";
  if (fs::exists(log, wrong)) fs::rename(log, aside + "-wal", wrong);
  if (wrong) return failed(aside + "-wal", wrong);
  fs::remove(path + "-shm", wrong);
  return {};
}

}  // namespace

Result<std::string> restore_store(const std::string& backup, const std::string& path,
                                  Timestamp now) {
  std::error_code wrong;
  if (fs::equivalent(backup, path, wrong)) {
    return Error{Errc::invalid, fmt::format("{}: this is the store itself", backup)};
  }
  if (const auto folder = fs::path(path).parent_path(); !folder.empty()) {
    TRY(make_own_folder(folder.string()));
  }
  const auto lock = TRY(FileLock::take(path + ".lock"));
  const auto copy = path + ".restoring";
  TRY(copy_whole(backup, copy));
  std::string aside;
  if (fs::exists(path, wrong)) {
    aside = fmt::format("{}.before-restore-{}", path, name_of(now));
    TRY(keep_aside(path, aside));
  }
  fs::rename(copy, path, wrong);
  if (wrong) return failed(path, wrong);
  return aside;
}

}  // namespace sosie
