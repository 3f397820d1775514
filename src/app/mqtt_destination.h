#pragma once

#include <memory>
#include <string>

#include "app/destination.h"
#include "generating/generator.h"

namespace sosie::app {

/// "mqtt://host:1883/prefix", "mqtts://…": a message a reading, to prefix/entity/attribute.
Result<std::unique_ptr<Destination>> to_mqtt(const std::string& address);

/// The same address: messages of devices as they are, to prefix/device, or to the topics that
/// `message` says (then without a prefix where the address has none); its status topic says online,
/// and offline at the end, also where that comes without a goodbye.
Result<std::unique_ptr<generating::MessageSink>> messages_to_mqtt(
    const std::string& address, const generating::MessageConfig& message);

}  // namespace sosie::app
