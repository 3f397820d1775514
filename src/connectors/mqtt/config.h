#pragma once

#include "core/section.h"
#include "wire/mqtt/client.h"

namespace sosie::mqtt {

/// What the source and the sink have in common: the broker and who we are there.
Result<Config> read_client(Section& section);

/// `qos`: 0 or 1.
Result<int> read_qos(Section& section);

}  // namespace sosie::mqtt
