#pragma once

#include <optional>

#include "base/result.h"
#include "base/time_text.h"
#include "core/section.h"

namespace sosie {

/// How the times of a source's messages are written: its keys `time_format` ("auto": none is named)
/// and `zone`. None: as a source understands them with neither. Errors: no such format or zone.
Result<std::optional<TimeReader>> read_time_format(Section& section);

}  // namespace sosie
