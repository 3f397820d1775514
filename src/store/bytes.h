#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace sosie {

/// Folds the sign into the lowest bit, so small numbers of either sign are small: 0 -1 1 -2 2 …
constexpr std::uint64_t zigzag(std::int64_t x) {
  return (static_cast<std::uint64_t>(x) << 1U) ^ static_cast<std::uint64_t>(x >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t x) {
  return static_cast<std::int64_t>((x >> 1U) ^ (~(x & 1U) + 1U));
}

/// Appends little-endian numbers and LEB128 varints to a string.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void byte(std::uint8_t x) { out_.push_back(static_cast<char>(x)); }
  void varint(std::uint64_t x) {
    for (; x >= 0x80; x >>= 7U) byte(static_cast<std::uint8_t>(x | 0x80U));
    byte(static_cast<std::uint8_t>(x));
  }
  void signed_varint(std::int64_t x) { varint(zigzag(x)); }
  void word(std::uint64_t x) {
    for (unsigned i = 0; i < 8; ++i) byte(static_cast<std::uint8_t>(x >> (8 * i)));
  }

  /// The low `bits` (0..64) of each value, one after the other, lowest bit first; the last byte is
  /// filled with zeros.
  void packed(std::span<const std::uint64_t> values, unsigned bits);

 private:
  std::string& out_;
};

/// Reads them back. Past the end, or at nonsense, it gives zeros and `ok()` is false from then on,
/// so a decoder checks once.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return position_ == bytes_.size(); }
  void fail() { ok_ = false; }

  std::uint8_t byte() {
    if (position_ >= bytes_.size()) {
      ok_ = false;
      return 0;
    }
    return static_cast<std::uint8_t>(bytes_[position_++]);
  }
  std::uint64_t varint();
  std::int64_t signed_varint() { return unzigzag(varint()); }
  std::uint64_t word();
  std::string_view take(std::size_t size);
  std::string_view rest() const { return bytes_.substr(position_); }
  void packed(std::span<std::uint64_t> values, unsigned bits);

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

/// Single bits and small fields, highest bit first, for XOR streams.
class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}

  /// REQUIRES: bits <= 64, and `value` has no bit above them.
  void put(std::uint64_t value, unsigned bits);
  void finish();

 private:
  std::string& out_;
  std::uint64_t pending_ = 0;
  unsigned used_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t get(unsigned bits);
  bool ok() const { return position_ <= bytes_.size() * 8; }
  /// Whole bytes used so far.
  std::size_t bytes_used() const { return (position_ + 7) / 8; }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;  ///< in bits; beyond the end once too much was asked for
};

/// Changes whenever any one word of `bytes` changes. For damage, not against malice.
std::uint32_t checksum(std::string_view bytes);

}  // namespace sosie
