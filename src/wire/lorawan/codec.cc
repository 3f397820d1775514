#include "wire/lorawan/codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/text.h"

namespace sosie::lorawan {
namespace {

constexpr int byte_bits = 8;
constexpr std::size_t widest = 8;

/// `size` bytes from `first` on, the most significant first unless `is_little_endian`.
std::uint64_t number_at(std::string_view bytes, std::size_t first, std::size_t size,
                        bool is_little_endian) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto at = is_little_endian ? first + size - 1 - i : first + i;
    number = number << byte_bits | static_cast<unsigned char>(bytes[at]);
  }
  return number;
}

/// Two's complement of so many bits.
double as_signed(std::uint64_t number, int bits) {
  const int unused = 64 - bits;
  return static_cast<double>(static_cast<std::int64_t>(number << unused) >> unused);
}

/// number * scale, but number / 10 where the scale is 0.1: 272 becomes 27.2, and not
/// 27.200000000000003.
double scaled(double number, double scale) {
  const double divisor = std::round(1 / scale);
  constexpr double tiny = 1e-12;
  const bool is_fraction =
      scale != 0 && std::abs(scale) < 1 && std::abs(1 / scale / divisor - 1) < tiny;
  return is_fraction ? number / divisor : number * scale;
}

double value_of(const FieldAt& field, std::string_view bytes) {
  auto number = number_at(bytes, field.first, field.size, field.is_little_endian);
  if (field.kind == FieldAt::Kind::ieee754) {
    if (field.size == widest) return std::bit_cast<double>(number);
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(number)));
  }
  int bits = static_cast<int>(field.size) * byte_bits;
  number >>= field.shift;
  bits -= field.shift;
  if (field.bits != 0 && field.bits < bits) {
    bits = field.bits;
    number &= (std::uint64_t{1} << bits) - 1;
  }
  return field.kind == FieldAt::Kind::signed_integer ? as_signed(number, bits)
                                                     : static_cast<double>(number);
}

// ---- Cayenne LPP

/// A type of the payload: its values, one after the other, high byte first.
struct CayenneType {
  struct Part {
    std::string_view name;  ///< "": the type has one value
    std::size_t bytes;
    bool is_signed;
    double scale;
  };
  unsigned char id;
  std::string_view name;
  std::array<Part, 3> parts;  ///< unused ones have no bytes
};

// From the LPP 1.0 data types (IPSO objects less 3200).
constexpr std::array<CayenneType, 12> cayenne_types{{
    {0, "digital_in", {{{"", 1, false, 1}}}},
    {1, "digital_out", {{{"", 1, false, 1}}}},
    {2, "analog_in", {{{"", 2, true, 0.01}}}},
    {3, "analog_out", {{{"", 2, true, 0.01}}}},
    {101, "luminosity", {{{"", 2, false, 1}}}},
    {102, "presence", {{{"", 1, false, 1}}}},
    {103, "temperature", {{{"", 2, true, 0.1}}}},
    {104, "relative_humidity", {{{"", 1, false, 0.5}}}},
    {113, "accelerometer", {{{"x", 2, true, 0.001}, {"y", 2, true, 0.001}, {"z", 2, true, 0.001}}}},
    {115, "barometric_pressure", {{{"", 2, false, 0.1}}}},
    {134, "gyrometer", {{{"x", 2, true, 0.01}, {"y", 2, true, 0.01}, {"z", 2, true, 0.01}}}},
    {136,
     "gps",
     {{{"latitude", 3, true, 0.0001},
       {"longitude", 3, true, 0.0001},
       {"altitude", 3, true, 0.01}}}},
}};

/// The values behind a channel and a type. Errors: too few bytes.
Result<void> take_cayenne(const CayenneType& type, int channel, std::string_view& bytes,
                          Decoded& out) {
  for (const auto& part : type.parts) {
    if (part.bytes == 0) break;
    if (bytes.size() < part.bytes) {
      return Error{Errc::invalid, fmt::format("cut short in {} of channel {}", type.name, channel)};
    }
    const auto number = number_at(bytes, 0, part.bytes, false);
    const double value = part.is_signed
                             ? as_signed(number, static_cast<int>(part.bytes) * byte_bits)
                             : static_cast<double>(number);
    auto name = fmt::format("{}_{}", type.name, channel);
    if (!part.name.empty()) name.append(1, '.').append(part.name);
    out.emplace_back(std::move(name), scaled(value, part.scale));
    bytes.remove_prefix(part.bytes);
  }
  return {};
}

}  // namespace

Result<void> set_type(std::string_view text, FieldAt& field) {
  constexpr std::string_view little = "le";
  auto rest = text;
  field.is_little_endian = rest.ends_with(little);
  if (field.is_little_endian) rest.remove_suffix(little.size());
  const char kind = rest.empty() ? ' ' : rest.front();
  const auto bits = rest.empty() ? std::nullopt : to_integer(rest.substr(1));
  const bool is_real = kind == 'f' && (bits == 32 || bits == 64);
  const bool is_whole =
      (kind == 'u' || kind == 'i') && bits && *bits >= 8 && *bits <= 64 && *bits % 8 == 0;
  if (!is_real && !is_whole) {
    return Error{Errc::invalid,
                 fmt::format("read '{}', expected u, i or f and bits, as u8, i16le or f32", text)};
  }
  field.kind = is_real       ? FieldAt::Kind::ieee754
               : kind == 'u' ? FieldAt::Kind::unsigned_integer
                             : FieldAt::Kind::signed_integer;
  field.size = static_cast<std::size_t>(*bits) / byte_bits;
  return {};
}

Result<void> decode_fields(const std::vector<FieldAt>& fields, std::string_view bytes, int port,
                           Decoded& out) {
  const auto before = out.size();
  for (const auto& field : fields) {
    if (field.port && *field.port != port) continue;
    if (bytes.size() < field.first + field.size) {
      return Error{Errc::invalid,
                   fmt::format("'{}' ends at byte {}, the payload has {}", field.attribute,
                               field.first + field.size, bytes.size())};
    }
    const double value = scaled(value_of(field, bytes), field.scale) + field.offset;
    if (!std::isfinite(value)) {
      return Error{Errc::invalid, fmt::format("'{}' is no number", field.attribute)};
    }
    out.emplace_back(field.attribute, value);
  }
  if (out.size() > before) return {};
  return Error{Errc::invalid, fmt::format("no field is of port {}", port)};
}

Result<void> decode_cayenne(std::string_view bytes, Decoded& out) {
  if (bytes.empty()) return Error{Errc::invalid, "the payload is empty"};
  while (!bytes.empty()) {
    if (bytes.size() < 2) return Error{Errc::invalid, "cut short behind a channel"};
    const int channel = static_cast<unsigned char>(bytes[0]);
    const auto id = static_cast<unsigned char>(bytes[1]);
    const auto* const type = std::ranges::find(cayenne_types, id, &CayenneType::id);
    if (type == cayenne_types.end()) {
      return Error{Errc::invalid,
                   fmt::format("type {} of channel {} is unknown to Cayenne LPP", id, channel)};
    }
    bytes.remove_prefix(2);
    TRY(take_cayenne(*type, channel, bytes, out));
  }
  return {};
}

}  // namespace sosie::lorawan
