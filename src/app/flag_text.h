#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "core/finding.h"
#include "engine/engine.h"

namespace sosie::app {

/// What the recording's own flags say beside limits and findings; empty: it has none.
Result<std::string> flag_text(Engine& engine, std::span<const Finding> findings);

}  // namespace sosie::app
