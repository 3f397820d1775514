#include "store/wal.h"

#include <zstd.h>

#include "store/bytes.h"
#include "store/columns.h"
#include "store/quality_code.h"

namespace sosie {
namespace {

constexpr std::uint8_t plain_double = 0xFF;
/// A row holds at most what was in memory at once; a damaged length must not ask for more.
constexpr std::size_t most_bytes = std::size_t{1} << 28U;

Error damaged_batch(std::string_view what) {
  return {Errc::corrupt, fmt::format("a damaged batch in the log: {}", what)};
}

void write_value(ByteWriter& out, double value) {
  std::int64_t mantissa = 0;
  if (const auto decimals = decimals_of(value, mantissa)) {
    out.byte(static_cast<std::uint8_t>(*decimals));
    out.signed_varint(mantissa);
  } else {
    out.byte(plain_double);
    out.word(std::bit_cast<std::uint64_t>(value));
  }
}

double read_value(ByteReader& in) {
  const std::uint8_t decimals = in.byte();
  if (decimals == plain_double) return std::bit_cast<double>(in.word());
  if (decimals > max_decimals) {
    in.fail();
    return 0;
  }
  return static_cast<double>(in.signed_varint()) / power_of_ten(decimals);
}

void read_quality(ByteReader& in, Reading& reading) {
  if (!set_quality(reading, in.byte())) in.fail();
}

/// The series of every reading, as runs; the other columns are still to be read.
Result<std::vector<Reading>> read_runs(ByteReader& in, std::size_t most) {
  std::vector<Reading> readings;
  const std::uint64_t runs = in.varint();
  for (std::uint64_t i = 0; i < runs && in.ok(); ++i) {
    const std::uint64_t series = in.varint();
    const std::uint64_t n = in.varint();
    if (series > UINT32_MAX || n > most - readings.size())
      return damaged_batch("impossible lengths");
    Reading reading;
    reading.series.index = static_cast<std::uint32_t>(series);
    readings.resize(readings.size() + n, reading);
  }
  return readings;
}

}  // namespace

void WalCodec::Free::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}
void WalCodec::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

WalCodec::WalCodec() : compressor_(ZSTD_createCCtx()), decompressor_(ZSTD_createDCtx()) {
  ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_compressionLevel, 1);
  ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_checksumFlag, 1);
}
WalCodec::~WalCodec() = default;

Result<std::string> WalCodec::encode(std::span<const std::span<const Reading>> runs) {
  plain_.clear();
  ByteWriter out(plain_);
  out.varint(runs.size());
  for (const auto run : runs) {
    out.varint(run.front().series.index);
    out.varint(run.size());
  }
  std::int64_t last = 0;
  for (const auto run : runs) {
    for (const auto& reading : run) {
      const std::int64_t at = reading.at.time_since_epoch().count();
      out.signed_varint(at - last);
      last = at;
    }
  }
  for (const auto run : runs) {
    for (const auto& reading : run) {
      out.byte(quality_code(reading));
    }
  }
  for (const auto run : runs) {
    for (const auto& reading : run) write_value(out, reading.value);
  }
  std::string packed(ZSTD_compressBound(plain_.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(compressor_.get(), packed.data(), packed.size(), plain_.data(), plain_.size());
  if (ZSTD_isError(size) != 0) {
    return Error{Errc::unavailable, fmt::format("zstd: {}", ZSTD_getErrorName(size))};
  }
  packed.resize(size);
  return packed;
}

Result<std::vector<Reading>> WalCodec::decode(std::string_view bytes) {
  const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size > most_bytes) return damaged_batch("an impossible length");  // also zstd's error codes
  plain_.resize(size);
  const std::size_t got = ZSTD_decompressDCtx(decompressor_.get(), plain_.data(), plain_.size(),
                                              bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0) return damaged_batch(ZSTD_getErrorName(got));
  ByteReader in(plain_);
  auto readings = TRY(read_runs(in, plain_.size()));
  std::uint64_t at = 0;
  for (auto& reading : readings) {
    at += static_cast<std::uint64_t>(in.signed_varint());
    reading.at = Timestamp(Duration(static_cast<std::int64_t>(at)));
  }
  for (auto& reading : readings) read_quality(in, reading);
  for (auto& reading : readings) reading.value = read_value(in);
  if (!in.ok() || !in.at_end()) return damaged_batch("a column is cut");
  return readings;
}

}  // namespace sosie
