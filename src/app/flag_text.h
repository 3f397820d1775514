#pragma once

#include <string>

#include "base/result.h"
#include "engine/engine.h"

namespace sosie::app {

/// What the recording's own flags say beside the limits; empty: it has none.
Result<std::string> flag_text(Engine& engine);

}  // namespace sosie::app
