#pragma once

#include <memory>
#include <string>

#include "app/destination.h"
#include "generating/generator.h"

namespace sosie::app {

/// "kafka://host:port/topic", "kafkas://…": a message a reading, in the form that POST
/// /api/readings takes; with "?form=device" a message a device and instant, `{"device", "time",
/// "values": {…}}`. The key is the device's name. User, password and SASL's mechanism come from
/// SOSIE_KAFKA_USER, SOSIE_KAFKA_PASSWORD and SOSIE_KAFKA_SASL (PLAIN), a private authority from
/// SOSIE_CA_FILE.
Result<std::unique_ptr<Destination>> to_kafka(const std::string& address);

/// The same address without a form: messages of devices as they are. The key is the device's name.
/// `linger_ms`: how long a message may wait for others to travel with.
Result<std::unique_ptr<generating::MessageSink>> messages_to_kafka(const std::string& address,
                                                                   const std::string& linger_ms);

}  // namespace sosie::app
