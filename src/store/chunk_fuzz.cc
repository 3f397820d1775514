#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "store/bytes.h"
#include "store/chunk.h"

/// Damaged bytes give an Error or readings, never undefined behaviour; what decodes, encodes and
/// decodes to the same. The checksum is put right first, or nothing would get past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sosie;  // NOLINT(google-build-using-namespace): a C function
  std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::uint32_t sum = checksum(bytes);
  for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(sum >> (8 * i)));

  std::vector<Reading> readings;
  if (decode_chunk(bytes, {}, readings)) {
    std::string again;
    encode_chunk(readings, again);
    std::vector<Reading> back;
    if (!decode_chunk(again, {}, back) || back.size() != readings.size()) std::abort();
    for (std::size_t i = 0; i < back.size(); ++i) {
      const bool nan = back[i].value != back[i].value && readings[i].value != readings[i].value;
      if (back[i] != readings[i] && !nan) std::abort();
    }
  }
  std::vector<Bucket> buckets;
  if (decode_buckets(bytes, Resolution::minute, buckets)) {
    std::string again;
    encode_buckets(buckets, Resolution::minute, again);
    std::vector<Bucket> back;
    if (!decode_buckets(again, Resolution::minute, back)) std::abort();
  }
  return 0;
}
