#pragma once

#include <memory>
#include <string>

#include "app/destination.h"

namespace sosie::app {

/// "kafka://host:port/topic", "kafkas://…": a message a reading, in the form that POST
/// /api/readings takes; with "?form=device" a message a device and instant, `{"device", "time",
/// "values": {…}}`. The key is the device's name. User, password and SASL's mechanism come from
/// SOSIE_KAFKA_USER, SOSIE_KAFKA_PASSWORD and SOSIE_KAFKA_SASL (PLAIN), a private authority from
/// SOSIE_CA_FILE.
Result<std::unique_ptr<Destination>> to_kafka(const std::string& address);

}  // namespace sosie::app
