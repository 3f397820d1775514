#include "wire/mqtt/front.h"

#include <optional>

#include <mosquitto.h>

namespace sosie::mqtt {
namespace {

constexpr unsigned publish_type = 3;
constexpr std::size_t longest_length = 4;  ///< bytes of a Variable Byte Integer

struct Length {
  std::size_t value = 0;
  std::size_t bytes = 0;
  bool is_whole = false;
};

/// A Variable Byte Integer (1.5.5). Not whole: more is needed, unless all four bytes are there.
Length read_length(std::string_view bytes) {
  Length length;
  for (unsigned shift = 0; length.bytes < longest_length; shift += 7) {
    if (length.bytes >= bytes.size()) return length;
    const auto byte = static_cast<unsigned char>(bytes[length.bytes++]);
    length.value |= static_cast<std::size_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) {
      length.is_whole = true;
      return length;
    }
  }
  return length;
}

/// Takes the front off a packet's body; none where the body is too short.
class Body {
 public:
  explicit Body(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::string_view> take(std::size_t count) {
    if (count > rest_.size()) return std::nullopt;
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::optional<std::uint16_t> number() {
    const auto taken = take(2);
    if (!taken) return std::nullopt;
    const auto high = static_cast<unsigned char>((*taken)[0]);
    const auto low = static_cast<unsigned char>((*taken)[1]);
    return static_cast<std::uint16_t>(high << 8U | low);
  }
  std::optional<std::string_view> text() {
    const auto size = number();
    return size ? take(*size) : std::nullopt;
  }
  bool skip_properties() {
    const auto length = read_length(rest_);
    return length.is_whole && take(length.bytes) && take(length.value);
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

bool is_topic(std::string_view text) {
  return !text.empty() && text.find_first_of("+#") == text.npos &&
         mosquitto_validate_utf8(text.data(), static_cast<int>(text.size())) == MOSQ_ERR_SUCCESS;
}

/// False: it is not as it should be.
bool read_publish(unsigned flags, Body body, Version version, Front& front) {
  front.qos = static_cast<int>(flags >> 1U & 3U);
  front.retained = (flags & 1U) != 0;
  if (front.qos > 1) return false;
  const auto topic = body.text();
  if (!topic || !is_topic(*topic)) return false;
  front.topic = *topic;
  if (front.qos == 1) {
    front.id = body.number().value_or(0);
    if (front.id == 0) return false;
  }
  if (version == Version::v5 && !body.skip_properties()) return false;
  front.payload = body.rest();
  return true;
}

}  // namespace

Front look_at_front(std::string_view bytes, Version version) {
  Front front;
  if (bytes.size() < 2) {
    front.size = 2;
    return front;
  }
  const auto length = read_length(bytes.substr(1));
  if (!length.is_whole) {
    if (length.bytes == longest_length) front.kind = Front::Kind::other;
    front.size = bytes.size() + 1;
    return front;
  }
  const std::size_t head = 1 + length.bytes;
  front.size = head + length.value;
  if (bytes.size() < front.size) return front;
  front.kind = Front::Kind::other;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const Body body(bytes.substr(head, length.value));
  if (first >> 4U == publish_type && read_publish(first & 0xFU, body, version, front)) {
    front.kind = Front::Kind::publish;
  }
  return front;
}

void append_publish(std::string& packets, std::string_view topic, std::string_view payload,
                    bool retain, Version version) {
  constexpr std::size_t continues = 0x80;
  const std::size_t properties = version == Version::v5 ? 1 : 0;
  packets += static_cast<char>(publish_type << 4U | (retain ? 1U : 0U));
  std::size_t length = 2 + topic.size() + properties + payload.size();
  for (; length >= continues; length /= continues) {
    packets += static_cast<char>(length % continues | continues);
  }
  packets += static_cast<char>(length);
  packets += static_cast<char>(topic.size() >> 8U);
  packets += static_cast<char>(topic.size() & 0xFFU);
  packets.append(topic).append(properties, '\0').append(payload);
}

void append_puback(std::string& packets, std::uint16_t id) {
  packets += '\x40';
  packets += '\x02';
  packets += static_cast<char>(id >> 8U);
  packets += static_cast<char>(id & 0xFFU);
}

}  // namespace sosie::mqtt
