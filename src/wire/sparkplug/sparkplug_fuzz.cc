// Any bytes as payloads of a node's whole life: errors, never a crash.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/sparkplug/host.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sosie;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  sparkplug::Host host;
  for (const auto* const text :
       {"spBv1.0/g/NBIRTH/n", "spBv1.0/g/DBIRTH/n/d", "spBv1.0/g/DDATA/n/d", "spBv1.0/g/NDATA/n",
        "spBv1.0/g/DDEATH/n/d", "spBv1.0/g/NDEATH/n"}) {
    const auto topic = sparkplug::read_topic(text);
    sparkplug::Changes changes;
    if (topic) (void)host.take(*topic, bytes, Timestamp(), changes);
  }
  return 0;
}
