#pragma once

#include <string_view>

#include "core/section.h"
#include "core/series.h"

namespace sosie {

/// `key = {en = "…", fr = "…"}`; French that is missing is as the English, and all may be.
Result<Words> read_words(Section& section, std::string_view key);

}  // namespace sosie
