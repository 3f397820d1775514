#include "store/bytes.h"

#include <algorithm>

namespace sosie {
namespace {

constexpr std::uint64_t low_mask(unsigned bits) {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

/// Eight bytes from `at`, zeros where there are no more.
std::uint64_t load(std::string_view bytes, std::size_t at) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word = 0;
  if (at + 8 <= bytes.size()) {
    std::memcpy(&word, bytes.data() + at, 8);
  } else if (at < bytes.size()) {
    std::memcpy(&word, bytes.data() + at, bytes.size() - at);
  }
  return word;
}

}  // namespace

void ByteWriter::packed(std::span<const std::uint64_t> values, unsigned bits) {
  if (bits == 0) return;
  const std::size_t start = out_.size();
  const std::size_t size = (values.size() * bits + 7) / 8;
  out_.resize(start + size + 8);  // room for the last whole word
  char* to = out_.data() + start;
  const std::uint64_t mask = low_mask(bits);
  std::uint64_t pending = 0;
  unsigned used = 0;
  for (const std::uint64_t value : values) {
    const std::uint64_t x = value & mask;
    pending |= x << used;
    used += bits;
    if (used >= 64) {
      std::memcpy(to, &pending, 8);
      to += 8;
      used -= 64;
      pending = used == 0 ? 0 : x >> (bits - used);
    }
  }
  std::memcpy(to, &pending, 8);
  out_.resize(start + size);
}

std::uint64_t ByteReader::varint() {
  std::uint64_t x = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t b = byte();
    x |= static_cast<std::uint64_t>(b & 0x7FU) << shift;
    if ((b & 0x80U) == 0) return x;
  }
  ok_ = false;
  return 0;
}

std::uint64_t ByteReader::word() {
  const auto bytes = take(8);
  return bytes.size() == 8 ? load(bytes, 0) : 0;
}

std::string_view ByteReader::take(std::size_t size) {
  if (size > bytes_.size() - position_) {
    ok_ = false;
    return {};
  }
  const auto taken = bytes_.substr(position_, size);
  position_ += size;
  return taken;
}

void ByteReader::packed(std::span<std::uint64_t> values, unsigned bits) {
  std::ranges::fill(values, 0);
  if (bits == 0) return;
  if (bits > 64) {
    ok_ = false;
    return;
  }
  const auto bytes = take((values.size() * bits + 7) / 8);
  if (bytes.empty()) return;
  const std::uint64_t mask = low_mask(bits);
  std::size_t at = 0;
  for (auto& value : values) {
    const auto shift = static_cast<unsigned>(at & 7U);
    value = load(bytes, at >> 3U) >> shift;
    if (shift + bits > 64) value |= load(bytes, (at >> 3U) + 8) << (64 - shift);
    value &= mask;
    at += bits;
  }
}

void BitWriter::put(std::uint64_t value, unsigned bits) {
  if (used_ + bits < 64) {
    pending_ = (pending_ << bits) | value;
    used_ += bits;
    return;
  }
  const unsigned now = 64 - used_;
  const unsigned later = bits - now;
  std::uint64_t word = now == 64 ? value >> later : (pending_ << now) | (value >> later);
  for (unsigned i = 0; i < 8; ++i, word <<= 8U) out_.push_back(static_cast<char>(word >> 56U));
  pending_ = value & low_mask(later);
  used_ = later;
}

void BitWriter::finish() {
  const unsigned size = (used_ + 7) / 8;
  std::uint64_t word = used_ == 0 ? 0 : pending_ << (64 - used_);
  for (unsigned i = 0; i < size; ++i, word <<= 8U) out_.push_back(static_cast<char>(word >> 56U));
  pending_ = 0;
  used_ = 0;
}

std::uint64_t BitReader::get(unsigned bits) {
  if (bits == 0) return 0;
  if (position_ + bits > bytes_.size() * 8) {
    position_ = bytes_.size() * 8 + 1;
    return 0;
  }
  const std::size_t at = position_ >> 3U;
  const auto shift = static_cast<unsigned>(position_ & 7U);
  position_ += bits;
  const std::uint64_t high = __builtin_bswap64(load(bytes_, at));
  std::uint64_t word = high << shift;
  if (shift + bits > 64) word |= __builtin_bswap64(load(bytes_, at + 8)) >> (64 - shift);
  return word >> (64 - bits);
}

std::uint32_t checksum(std::string_view bytes) {
  // Each step is a bijection of the state, so a change of one word cannot be undone by the rest.
  std::uint64_t state = 0x9e3779b97f4a7c15U ^ bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    state = (state ^ load(bytes, at)) * 0xbf58476d1ce4e5b9U;
    state ^= state >> 32U;
  }
  return static_cast<std::uint32_t>(state ^ (state >> 29U));
}

}  // namespace sosie
