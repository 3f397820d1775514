#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/mqtt/client.h"

namespace sosie::mqtt {

/// The packet that a connection's bytes begin with (MQTT 3.1.1 and 5, 2.1 and 3.3).
struct Front {
  enum class Kind : std::uint8_t {
    incomplete,  ///< its end is not there yet
    publish,     ///< a message of QoS 0 or 1
    other,       ///< anything else, and what is malformed
  };
  Kind kind = Kind::incomplete;
  std::size_t size = 0;  ///< of all of it; of an incomplete one, what is needed to know more
  // Of a publish; views into the bytes.
  std::string_view topic;
  std::string_view payload;
  int qos = 0;
  std::uint16_t id = 0;  ///< of QoS 1
  bool retained = false;
};

/// Pure: looks, and keeps nothing.
Front look_at_front(std::string_view bytes, Version version);

/// A message of QoS 0 (MQTT 3.1.1 and 5, 3.3; without properties). REQUIRES: a topic and a payload
/// that MQTT takes.
void append_publish(std::string& packets, std::string_view topic, std::string_view payload,
                    bool retain, Version version);

/// PUBACK of a message of QoS 1.
void append_puback(std::string& packets, std::uint16_t id);

}  // namespace sosie::mqtt
