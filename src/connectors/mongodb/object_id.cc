#include "connectors/mongodb/object_id.h"

#include <string_view>

namespace sosie::mongodb {
namespace {

/// FNV-1a of 64 bits, with the finish of splitmix64, which spreads the last bytes.
class Hash {
 public:
  Hash& text(std::string_view text) {
    for (const char c : text) byte(static_cast<unsigned char>(c));
    return byte(0);  // "ab", "c" is not "a", "bc"
  }
  Hash& time(Timestamp at) {
    const auto us = static_cast<std::uint64_t>(at.time_since_epoch().count());
    for (unsigned i = 0; i < 8; ++i) byte(static_cast<unsigned char>(us >> (8 * i)));
    return *this;
  }
  std::uint64_t finish() const {
    std::uint64_t x = state_;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
  }

 private:
  Hash& byte(unsigned char c) {
    state_ = (state_ ^ c) * 0x100000001B3U;
    return *this;
  }
  std::uint64_t state_ = 0xCBF29CE484222325U;
};

bson_oid_t id_from(Timestamp at, std::uint64_t hash) {
  const auto seconds = static_cast<std::uint32_t>(
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  bson_oid_t id{};
  for (unsigned i = 0; i < 4; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
  }
  for (unsigned i = 0; i < 8; ++i) {
    id.bytes[4 + i] = static_cast<std::uint8_t>(hash >> (56 - 8 * i));
  }
  return id;
}

}  // namespace

bson_oid_t id_of(const Reading& reading, const SeriesInfo& series) {
  const Hash hash = Hash().text(series.entity).text(series.attribute).time(reading.at);
  return id_from(reading.at, hash.finish());
}

bson_oid_t id_of(const AlarmEvent& step) {
  const Hash hash = Hash()
                        .text(step.alarm.asset)
                        .text(step.alarm.condition)
                        .time(step.alarm.raised)
                        .text(to_text(step.what))
                        .time(step.at);
  return id_from(step.at, hash.finish());
}

}  // namespace sosie::mongodb
