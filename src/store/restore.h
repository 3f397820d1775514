#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace sosie {

/// Puts a backup in the place of the store at `path`, which is kept beside it under the name that
/// is returned (empty: there was none). At every moment there is one whole store at `path`,
/// whatever ends this program.
///
/// Errors: the store is in use (unavailable), the backup is no store, damaged, of a newer Sosie, or
/// not there; then nothing has changed.
Result<std::string> restore_store(const std::string& backup, const std::string& path,
                                  Timestamp now);

}  // namespace sosie
