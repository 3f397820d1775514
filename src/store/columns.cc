#include "store/columns.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace sosie {
namespace {

enum class IntegerMode : std::uint8_t { reference, delta };
enum class DoubleMode : std::uint8_t { exclusive_or = 0x40 };  // below: decimals, their number

/// Wraps around, where a plain difference would be undefined.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// The median of a few: close to the middle whatever the outliers, and cheap.
std::int64_t typical(std::span<const std::int64_t> values) {
  std::array<std::int64_t, 15> sample{};
  const std::size_t n = std::min(sample.size(), values.size());
  for (std::size_t i = 0; i < n; ++i) sample.at(i) = values[i * values.size() / n];
  const auto middle = sample.begin() + static_cast<std::ptrdiff_t>(n / 2);
  std::nth_element(sample.begin(), middle, sample.begin() + static_cast<std::ptrdiff_t>(n));
  return *middle;
}

struct Plan {
  std::int64_t reference = 0;
  unsigned width = 0;
  std::size_t outliers = 0;
  std::size_t bytes = 0;
};

constexpr std::size_t varint_size(unsigned bits) {
  return bits == 0 ? 1 : (bits + 6) / 7;
}

/// The width that makes the column smallest.
Plan plan(std::span<const std::int64_t> values) {
  Plan best;
  best.reference = values.empty() ? 0 : typical(values);
  std::array<std::size_t, 65> of_width{};
  for (const auto value : values) {
    ++of_width.at(static_cast<std::size_t>(std::bit_width(zigzag(minus(value, best.reference)))));
  }
  unsigned widest = 64;
  while (widest > 0 && of_width.at(widest) == 0) --widest;
  best.bytes = SIZE_MAX;
  std::size_t outliers = 0;
  for (unsigned width = widest;; --width) {
    std::size_t bytes = (values.size() * width + 7) / 8;
    for (unsigned more = width + 1; more <= widest; ++more) {
      bytes += of_width.at(more) * (1 + varint_size(more - width));
    }
    if (bytes < best.bytes) {
      best.width = width;
      best.outliers = outliers;
      best.bytes = bytes;
    }
    outliers += of_width.at(width);                       // of the next narrower
    if (width == 0 || 2 * outliers >= best.bytes) break;  // each costs two bytes at least
  }
  return best;
}

void write_fields(ByteWriter& out, std::span<const std::int64_t> values, const Plan& plan) {
  std::vector<std::uint64_t> fields(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    fields[i] = zigzag(minus(values[i], plan.reference));
  }
  out.signed_varint(plan.reference);
  out.byte(static_cast<std::uint8_t>(plan.width));
  out.varint(plan.outliers);
  out.packed(fields, plan.width);
  if (plan.outliers == 0) return;
  std::size_t last = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::uint64_t upper = fields[i] >> plan.width;  // an outlier: width < 64
    if (upper == 0) continue;
    out.varint(i - last);
    out.varint(upper);
    last = i;
  }
}

void read_fields(ByteReader& in, std::span<std::int64_t> values) {
  const std::int64_t reference = in.signed_varint();
  const unsigned width = in.byte();
  const std::uint64_t outliers = in.varint();
  std::vector<std::uint64_t> fields(values.size());
  in.packed(fields, width);
  if (outliers > values.size() || (outliers > 0 && width >= 64)) return in.fail();
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < outliers && in.ok(); ++i) {
    const std::uint64_t gap = in.varint();
    const std::uint64_t upper = in.varint();
    if (gap >= fields.size() - at) return in.fail();
    at += gap;
    fields[at] |= upper << width;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = plus(unzigzag(fields[i]), reference);
  }
}

void write_exclusive_or(std::string& bytes, std::span<const double> values) {
  BitWriter out(bytes);
  std::uint64_t last = 0;
  unsigned window_start = 0;
  unsigned window_bits = 0;
  for (const double value : values) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const std::uint64_t change = bits ^ last;
    last = bits;
    if (change == 0) {
      out.put(0, 1);
      continue;
    }
    const auto start = static_cast<unsigned>(std::min(std::countl_zero(change), 31));
    const auto end = 64 - static_cast<unsigned>(std::countr_zero(change));
    if (window_bits > 0 && start >= window_start && end <= window_start + window_bits &&
        window_bits <= end - start + 11) {
      out.put(0b10, 2);
    } else {
      window_start = start;
      window_bits = end - start;
      out.put(0b11, 2);
      out.put(window_start, 5);
      out.put(window_bits - 1, 6);
    }
    out.put(change >> (64 - window_start - window_bits), window_bits);
  }
  out.finish();
}

void read_exclusive_or(ByteReader& in, std::span<double> values) {
  BitReader bits(in.rest());
  std::uint64_t last = 0;
  unsigned window_start = 0;
  unsigned window_bits = 0;
  for (auto& value : values) {
    if (bits.get(1) == 1) {
      if (bits.get(1) == 1) {
        window_start = static_cast<unsigned>(bits.get(5));
        window_bits = static_cast<unsigned>(bits.get(6)) + 1;
      }
      if (window_bits == 0 || window_start + window_bits > 64) return in.fail();
      last ^= bits.get(window_bits) << (64 - window_start - window_bits);
    }
    value = std::bit_cast<double>(last);
  }
  if (!bits.ok()) return in.fail();
  in.take(bits.bytes_used());
}

/// True if every value is some whole number / 10^decimals, bit for bit. Below 2^51 adding 1.5 *
/// 2^52 rounds to a whole number and leaves it in the low bits, which vectorizes.
bool is_decimal(std::span<const double> values, unsigned decimals,
                std::span<std::int64_t> mantissas) {
  constexpr double shift = 0x1.8p52;
  const double power = power_of_ten(decimals);
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double moved = values[i] * power + shift;
    const double whole = moved - shift;
    mantissas[i] = minus(std::bit_cast<std::int64_t>(moved), std::bit_cast<std::int64_t>(shift));
    wrong |= std::bit_cast<std::uint64_t>(whole / power) ^ std::bit_cast<std::uint64_t>(values[i]);
    wrong |= static_cast<std::uint64_t>(!(std::abs(values[i] * power) < 0x1p50));
  }
  return wrong == 0;
}

}  // namespace

void write_integers(ByteWriter& out, std::span<const std::int64_t> values) {
  if (values.empty()) return;
  std::vector<std::int64_t> steps(values.size() - 1);
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = minus(values[i + 1], values[i]);
  const Plan by_reference = plan(values);
  const Plan by_delta = plan(steps);
  if (by_delta.bytes < by_reference.bytes) {
    out.byte(static_cast<std::uint8_t>(IntegerMode::delta));
    out.signed_varint(values.front());
    write_fields(out, steps, by_delta);
  } else {
    out.byte(static_cast<std::uint8_t>(IntegerMode::reference));
    write_fields(out, values, by_reference);
  }
}

void read_integers(ByteReader& in, std::span<std::int64_t> values) {
  if (values.empty()) return;
  const auto mode = in.byte();
  if (mode == static_cast<std::uint8_t>(IntegerMode::reference)) return read_fields(in, values);
  if (mode != static_cast<std::uint8_t>(IntegerMode::delta)) return in.fail();
  values.front() = in.signed_varint();
  read_fields(in, values.subspan(1));
  for (std::size_t i = 1; i < values.size(); ++i) values[i] = plus(values[i], values[i - 1]);
}

double power_of_ten(unsigned exponent) {
  static constexpr std::array<double, max_decimals + 1> powers{
      1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  return powers.at(exponent);
}

std::optional<Decimals> as_decimals(std::span<const double> values) {
  Decimals found;
  found.mantissas.resize(values.size());
  // The digits that one value needs, all may need: look at few until few are not enough.
  std::size_t looked = 0;
  while (found.decimals <= max_decimals) {
    const std::size_t few = std::min<std::size_t>(values.size(), looked + 8);
    if (!is_decimal(values.subspan(looked, few - looked), found.decimals,
                    std::span(found.mantissas).subspan(looked))) {
      ++found.decimals;
    } else if (few < values.size()) {
      looked = few;
    } else {
      break;
    }
  }
  if (found.decimals > max_decimals) return std::nullopt;
  if (!is_decimal(values, found.decimals, found.mantissas)) return std::nullopt;
  return found;
}

std::optional<unsigned> decimals_of(double value, std::int64_t& mantissa) {
  for (unsigned decimals = 0; decimals <= max_decimals; ++decimals) {
    if (is_decimal({&value, 1}, decimals, {&mantissa, 1})) return decimals;
  }
  return std::nullopt;
}

void write_decimals(ByteWriter& out, const Decimals& decimals) {
  out.byte(static_cast<std::uint8_t>(decimals.decimals));
  write_integers(out, decimals.mantissas);
}

void write_doubles(ByteWriter& out, std::string& bytes, std::span<const double> values) {
  const std::size_t start = bytes.size();
  const auto decimals = as_decimals(values);
  if (decimals) {
    write_decimals(out, *decimals);
    // Decimals have noise in all bits of their binary fractions: XOR seldom gets below this.
    if (bytes.size() - start <= 4 * values.size()) return;
  }
  std::string other(1, static_cast<char>(DoubleMode::exclusive_or));
  write_exclusive_or(other, values);
  if (decimals && bytes.size() - start <= other.size()) return;
  bytes.resize(start);
  bytes += other;
}

void read_doubles(ByteReader& in, std::span<double> values) {
  const unsigned mode = in.byte();
  if (mode == static_cast<unsigned>(DoubleMode::exclusive_or)) return read_exclusive_or(in, values);
  if (mode > max_decimals) return in.fail();
  std::vector<std::int64_t> mantissas(values.size());
  read_integers(in, mantissas);
  const double power = power_of_ten(mode);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<double>(mantissas[i]) / power;
  }
}

}  // namespace sosie
