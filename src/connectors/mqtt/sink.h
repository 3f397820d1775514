#pragma once

#include <memory>

#include "core/section.h"
#include "core/sink.h"

namespace sosie::mqtt {

/// `[[sink]] kind = "mqtt"`: publishes readings, steps of alarms and findings. Opens nothing.
Result<std::unique_ptr<Sink>> make_sink(Section& section);

}  // namespace sosie::mqtt
