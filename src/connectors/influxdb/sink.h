#pragma once

#include <memory>

#include "core/section.h"
#include "core/sink.h"

namespace sosie::influxdb {

/// `[[sink]] kind = "influxdb"`: writes readings and steps of alarms as line protocol, to InfluxDB
/// 1.x, 2.x and what speaks like them. Opens nothing.
Result<std::unique_ptr<Sink>> make_sink(Section& section);

}  // namespace sosie::influxdb
