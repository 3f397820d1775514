#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sosie::wastewater {

/// The bytes of plain values, one after the other: a plant's state for the same program on the same
/// kind of machine. What was written by another is found out by its size and its mark.
template <class T>
void put_bytes(std::string& to, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
bool take_bytes(std::string_view& from, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (from.size() < sizeof value) return false;
  std::memcpy(static_cast<void*>(&value), from.data(), sizeof value);
  from.remove_prefix(sizeof value);
  return true;
}

/// FNV-1a of 64 bits (Fowler, Noll, Vo) over `bytes`, after those of `mark`: tells what is another,
/// no defence against malice.
inline std::uint64_t mark_of(std::string_view bytes, std::uint64_t mark = 0xcbf29ce484222325U) {
  for (const char c : bytes) mark = (mark ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return mark;
}

/// A vector whose length both sides know.
template <class T>
void put_all(std::string& to, const std::vector<T>& values) {
  for (const T& value : values) put_bytes(to, value);
}
template <class T>
bool take_all(std::string_view& from, std::vector<T>& values) {
  for (T& value : values) {
    if (!take_bytes(from, value)) return false;
  }
  return true;
}

}  // namespace sosie::wastewater
