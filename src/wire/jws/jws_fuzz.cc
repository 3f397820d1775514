#include <cstdint>
#include <cstdlib>
#include <string>

#include "wire/jws/jws.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string key(sosie::jws::least_key_bytes, 'k');
  sosie::jws::Verifier verifier({{"", key}, {"g", key}});
  verifier.open(text);
  for (const auto* const name : {"", "g"}) {
    const auto opened = verifier.open(sosie::jws::sign(text, key, name));
    if (!opened || *opened != text) std::abort();
  }
  return 0;
}
