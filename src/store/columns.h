#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/bytes.h"

namespace sosie {

/// No column is longer: what a damaged length may make a decoder allocate.
inline constexpr std::size_t max_column = 1U << 16U;

/// Whole numbers: each as the difference to a reference (frame of reference) or its step as the
/// difference to a reference step (delta), whichever is smaller, in fields of a fixed width; the
/// few that do not fit keep their upper bits apart (PFOR: Zukowski et al., ICDE 2006).
///
///     mode 1B | [first] | reference | width 1B | outliers | fields … | (gap, upper bits) …
///
/// Any column can be written: differences wrap around.
void write_integers(ByteWriter& out, std::span<const std::int64_t> values);
/// REQUIRES: the column was written with values.size() values. Damage shows in `in.ok()`.
void read_integers(ByteReader& in, std::span<std::int64_t> values);

/// The column as whole numbers m with m / 10^decimals == value, bit for bit, for every value.
struct Decimals {
  unsigned decimals = 0;
  std::vector<std::int64_t> mantissas;
};
inline constexpr unsigned max_decimals = 15;
std::optional<Decimals> as_decimals(std::span<const double> values);
/// The same for one value: its decimals, tried from 0 up.
std::optional<unsigned> decimals_of(double value, std::int64_t& mantissa);
double power_of_ten(unsigned exponent);  ///< exact; REQUIRES: exponent <= max_decimals

/// Numbers: as decimals in an integer column; if that takes more than four bytes a value, or cannot
/// be, XORed with the one before (Pelkonen et al., Gorilla, VLDB 2015), whichever is smaller. Bit
/// for bit, whatever the bits.
void write_doubles(ByteWriter& out, std::string& bytes, std::span<const double> values);
void read_doubles(ByteReader& in, std::span<double> values);

/// As decimals, known to be so.
void write_decimals(ByteWriter& out, const Decimals& decimals);

}  // namespace sosie
