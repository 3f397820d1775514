#pragma once

#include <string>

#include "base/result.h"
#include "store/database.h"

namespace sosie {

/// The layout this program writes; a file says its own in PRAGMA user_version.
inline constexpr std::int64_t layout_version = 7;
/// "SOSI", in PRAGMA application_id.
inline constexpr std::int64_t application_id = 0x534F5349;

/// Opens the file for writing, makes it if it is not there, migrates an older one after a copy to
/// `path.bak-v<N>`. Errors: damaged, of a newer Sosie, of another program.
Result<std::unique_ptr<Database>> open_for_writing(const std::string& path);

/// Errors: as above, and of an older Sosie (only who writes migrates).
Result<std::unique_ptr<Database>> open_for_reading(const std::string& path);

/// Any layout this program can migrate; the whole file is checked. Errors: as for writing.
Result<std::unique_ptr<Database>> open_backup(const std::string& path);

/// Writes a copy of what is committed; complete on disk under its name, or not there at all.
Result<void> copy_database(Database& from, const std::string& path);

}  // namespace sosie
