#include "store/chunk.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "store/columns.h"
#include "store/quality_code.h"

namespace sosie {
namespace {

constexpr std::uint8_t readings_layout = 1;
constexpr std::uint8_t buckets_layout = 0x81;
constexpr std::array<std::int64_t, 3> time_units{1, 1000, 1'000'000};
constexpr std::size_t checksum_size = 4;

void seal(std::string& out, std::size_t start) {
  const std::uint32_t sum = checksum(std::string_view(out).substr(start));
  for (unsigned i = 0; i < checksum_size; ++i) out.push_back(static_cast<char>(sum >> (8 * i)));
}

Error damaged_chunk(std::string_view what) {
  return {Errc::corrupt, fmt::format("a damaged chunk: {}", what)};
}

/// What was sealed, without its checksum.
Result<std::string_view> unseal(std::string_view bytes) {
  if (bytes.size() <= checksum_size) return damaged_chunk("it is cut");
  const auto body = bytes.substr(0, bytes.size() - checksum_size);
  const auto sum = checksum(body);
  for (unsigned i = 0; i < checksum_size; ++i) {
    if (bytes[body.size() + i] != static_cast<char>(sum >> (8 * i))) {
      return damaged_chunk("its checksum is wrong");
    }
  }
  return body;
}

void write_times(ByteWriter& out, std::span<std::int64_t> times) {
  std::uint8_t scale = 2;
  while (scale > 0 && std::ranges::any_of(
                          times, [&](std::int64_t t) { return t % time_units.at(scale) != 0; })) {
    --scale;
  }
  out.byte(scale);
  if (scale > 0) {
    for (auto& t : times) t /= time_units.at(scale);
  }
  write_integers(out, times);
}

/// False when they do not grow, or not within what a Timestamp can hold.
bool read_times(ByteReader& in, std::span<std::int64_t> times) {
  const std::uint8_t scale = in.byte();
  if (scale >= time_units.size()) return false;
  read_integers(in, times);
  const std::int64_t unit = time_units.at(scale);
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] > INT64_MAX / unit || times[i] < INT64_MIN / unit) return false;
    times[i] *= unit;
    if (i > 0 && times[i] <= times[i - 1]) return false;
  }
  return in.ok();
}

void write_qualities(ByteWriter& out, std::span<const Reading> readings) {
  for (std::size_t i = 0; i < readings.size();) {
    const std::uint8_t code = quality_code(readings[i]);
    std::size_t end = i + 1;
    while (end < readings.size() && quality_code(readings[end]) == code) ++end;
    out.byte(code);
    out.varint(end - i);
    i = end;
  }
}

void read_qualities(ByteReader& in, std::span<Reading> readings) {
  for (std::size_t i = 0; i < readings.size() && in.ok();) {
    const std::uint8_t code = in.byte();
    const std::uint64_t run = in.varint();
    if (run == 0 || run > readings.size() - i) return in.fail();
    for (const std::size_t end = i + run; i < end; ++i) {
      if (!set_quality(readings[i], code)) return in.fail();
    }
  }
}

using DoubleField = double Bucket::*;
constexpr std::array<DoubleField, 3> after_first{&Bucket::last, &Bucket::min, &Bucket::max};
constexpr std::uint8_t same_as_first = 0;
constexpr std::uint8_t own_column = 1;

std::vector<double> column_of(std::span<const Bucket> buckets, DoubleField field) {
  std::vector<double> column(buckets.size());
  std::ranges::transform(buckets, column.begin(), [&](const Bucket& b) { return b.*field; });
  return column;
}

bool is_same(std::span<const double> a, std::span<const double> b) {
  return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

/// The sums as decimals of `decimals` digits, if each lies as near to one as its additions allow:
/// n additions err by at most n * 2^-53 * sum(|x|) (Higham, Accuracy and Stability, 2002, 4.2).
std::optional<Decimals> decimal_sums(std::span<const Bucket> buckets, unsigned decimals) {
  const double power = power_of_ten(decimals);
  Decimals sums{decimals, {}};
  sums.mantissas.reserve(buckets.size());
  for (const auto& b : buckets) {
    const double n = b.count;
    const double error = n * n * std::max(std::abs(b.min), std::abs(b.max)) * 0x1p-52;
    const double mantissa = std::nearbyint(b.sum * power);
    if (!(std::abs(mantissa) < 0x1p50) || !(error * power < 0.25) ||
        !(std::abs(mantissa / power - b.sum) <= error)) {
      return std::nullopt;
    }
    sums.mantissas.push_back(static_cast<std::int64_t>(mantissa));
  }
  return sums;
}

void write_sums(ByteWriter& out, std::string& bytes, std::span<const Bucket> buckets,
                std::span<const double> firsts) {
  const auto decimals = as_decimals(firsts);
  const auto sums = decimals ? decimal_sums(buckets, decimals->decimals) : std::nullopt;
  if (sums) {
    write_decimals(out, *sums);
  } else {
    write_doubles(out, bytes, column_of(buckets, &Bucket::sum));
  }
}

void read_column(ByteReader& in, std::span<Bucket> buckets, DoubleField field) {
  std::vector<double> column(buckets.size());
  read_doubles(in, column);
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i].*field = column[i];
}

void write_counts(ByteWriter& out, std::span<const Bucket> buckets, std::uint32_t Bucket::* field) {
  std::vector<std::int64_t> column(buckets.size());
  std::ranges::transform(buckets, column.begin(), [&](const Bucket& b) { return b.*field; });
  write_integers(out, column);
}

void read_counts(ByteReader& in, std::span<Bucket> buckets, std::uint32_t Bucket::* field) {
  std::vector<std::int64_t> column(buckets.size());
  read_integers(in, column);
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    if (column[i] < 0 || column[i] > UINT32_MAX) return in.fail();
    buckets[i].*field = static_cast<std::uint32_t>(column[i]);
  }
}

bool read_starts(ByteReader& in, std::span<Bucket> buckets, Duration width) {
  std::vector<std::int64_t> starts(buckets.size());
  read_integers(in, starts);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (i > 0 && starts[i] <= starts[i - 1]) return false;
    if (std::abs(static_cast<double>(starts[i])) > static_cast<double>(INT64_MAX / width.count())) {
      return false;
    }
    buckets[i].start = Timestamp(width * starts[i]);
  }
  return in.ok();
}

}  // namespace

void encode_chunk(std::span<const Reading> readings, std::string& out) {
  assert(!readings.empty() && readings.size() <= max_column);
  const std::size_t start = out.size();
  ByteWriter writer(out);
  writer.byte(readings_layout);
  writer.varint(readings.size());
  std::vector<std::int64_t> times(readings.size());
  std::vector<double> values(readings.size());
  for (std::size_t i = 0; i < readings.size(); ++i) {
    times[i] = readings[i].at.time_since_epoch().count();
    values[i] = readings[i].value;
  }
  write_times(writer, times);
  write_doubles(writer, out, values);
  write_qualities(writer, readings);
  seal(out, start);
}

Result<void> decode_chunk(std::string_view bytes, SeriesId series, std::vector<Reading>& out) {
  const auto body = TRY(unseal(bytes));
  ByteReader in(body);
  if (in.byte() != readings_layout) return damaged_chunk("its layout is unknown");
  const std::uint64_t n = in.varint();
  if (n == 0 || n > max_column) return damaged_chunk("its length is impossible");
  std::vector<std::int64_t> times(n);
  std::vector<double> values(n);
  if (!read_times(in, times)) return damaged_chunk("its times do not grow");
  read_doubles(in, values);
  const std::size_t start = out.size();
  out.resize(start + n);
  for (std::size_t i = 0; i < n; ++i) {
    out[start + i] = {.at = Timestamp(Duration(times[i])), .value = values[i], .series = series};
  }
  read_qualities(in, std::span(out).subspan(start));
  if (in.ok() && in.at_end()) return {};
  out.resize(start);
  return damaged_chunk("a column is cut");
}

void encode_buckets(std::span<const Bucket> buckets, Resolution resolution, std::string& out) {
  assert(!buckets.empty() && buckets.size() <= max_column);
  const std::size_t start = out.size();
  ByteWriter writer(out);
  writer.byte(buckets_layout);
  writer.varint(buckets.size());
  std::vector<std::int64_t> starts(buckets.size());
  std::ranges::transform(buckets, starts.begin(), [&](const Bucket& b) {
    return b.start.time_since_epoch() / width_of(resolution);
  });
  write_integers(writer, starts);
  write_counts(writer, buckets, &Bucket::count);
  write_counts(writer, buckets, &Bucket::bad);
  const auto firsts = column_of(buckets, &Bucket::first);
  write_doubles(writer, out, firsts);
  for (const auto field : after_first) {
    const auto column = column_of(buckets, field);
    const bool same = is_same(column, firsts);
    writer.byte(same ? same_as_first : own_column);
    if (!same) write_doubles(writer, out, column);
  }
  write_sums(writer, out, buckets, firsts);
  seal(out, start);
}

Result<void> decode_buckets(std::string_view bytes, Resolution resolution,
                            std::vector<Bucket>& out) {
  const auto body = TRY(unseal(bytes));
  ByteReader in(body);
  if (in.byte() != buckets_layout) return damaged_chunk("its layout is unknown");
  const std::uint64_t n = in.varint();
  if (n == 0 || n > max_column) return damaged_chunk("its length is impossible");
  std::vector<Bucket> buckets(n);
  if (!read_starts(in, buckets, width_of(resolution)))
    return damaged_chunk("its times do not grow");
  read_counts(in, buckets, &Bucket::count);
  read_counts(in, buckets, &Bucket::bad);
  read_column(in, buckets, &Bucket::first);
  for (const auto field : after_first) {
    if (in.byte() == own_column) {
      read_column(in, buckets, field);
    } else {
      for (auto& b : buckets) b.*field = b.first;
    }
  }
  read_column(in, buckets, &Bucket::sum);
  if (!in.ok() || !in.at_end()) return damaged_chunk("a column is cut");
  out.insert(out.end(), buckets.begin(), buckets.end());
  return {};
}

}  // namespace sosie
