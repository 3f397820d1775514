#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/mqtt/front.h"

/// Whatever a broker sends: what is taken lies within it, and what is waited for lies beyond it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sosie::mqtt;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto version : {Version::v3_1_1, Version::v5}) {
    const auto front = look_at_front(bytes, version);
    const bool is_incomplete = front.kind == Front::Kind::incomplete;
    if (is_incomplete && front.size <= size) std::abort();
    if (front.kind != Front::Kind::publish) continue;
    if (front.size > size || front.topic.empty()) std::abort();
    if (front.topic.size() + front.payload.size() + 4 > front.size) std::abort();
    if ((front.qos == 1) != (front.id != 0)) std::abort();
  }
  return 0;
}
