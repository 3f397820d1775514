#pragma once

#include <memory>

#include "core/section.h"
#include "core/source.h"

namespace sosie::mqtt {

/// `[[source]] kind = "mqtt"`: listens to a broker. Opens nothing.
Result<std::unique_ptr<Source>> make_source(Section& section);

}  // namespace sosie::mqtt
