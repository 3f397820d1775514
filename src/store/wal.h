#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/reading.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace sosie {

/// Packs readings of any series into a row of _wal and back: five columns (runs of a series, steps
/// of time, qualities, and each value as decimals or as it is), compressed by zstd with a checksum.
class WalCodec {
 public:
  WalCodec();
  ~WalCodec();
  WalCodec(const WalCodec&) = delete;
  WalCodec& operator=(const WalCodec&) = delete;

  /// `runs`: each of one series, in time order, none empty.
  Result<std::string> encode(std::span<const std::span<const Reading>> runs);

  /// The readings, in the order they were written.
  Result<std::vector<Reading>> decode(std::string_view bytes);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> compressor_;
  std::unique_ptr<ZSTD_DCtx_s, Free> decompressor_;
  std::string plain_;
};

}  // namespace sosie
