#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sosie::lorawan {

/// Names and values, in the order of the bytes.
using Decoded = std::vector<std::pair<std::string, double>>;

/// A number in a device's bytes, as its data sheet has it.
struct FieldAt {
  enum class Kind : std::uint8_t { unsigned_integer, signed_integer, ieee754 };

  std::string attribute;
  std::size_t first = 0;  ///< byte, from 0
  std::size_t size = 1;   ///< bytes: 1 to 8; of ieee754 4 or 8
  Kind kind = Kind::unsigned_integer;
  bool is_little_endian = false;
  int shift = 0;     ///< of the integer, to the right …
  int bits = 0;      ///< … and so many of what is left; 0: all
  double scale = 1;  ///< value = number * scale + offset
  double offset = 0;
  std::optional<int> port;  ///< only of uplinks at this FPort
};

/// "u8", "i16", "u24le", "i32", "f32le", "f64": kind, bits, and `le` where the lowest byte comes
/// first. Sets kind, size and is_little_endian. Errors: another text.
Result<void> set_type(std::string_view text, FieldAt& field);

/// Appends the fields that are of this port. Errors (invalid): the payload is shorter than one of
/// them needs, none is of this port, a number that is none (NaN).
Result<void> decode_fields(const std::vector<FieldAt>& fields, std::string_view bytes, int port,
                           Decoded& out);

/// Cayenne Low Power Payload: channel, type, value, again and again. Names as The Things Stack has
/// them: "temperature_3", "gps_1.latitude". Errors (invalid): an unknown type, cut short.
Result<void> decode_cayenne(std::string_view bytes, Decoded& out);

}  // namespace sosie::lorawan
