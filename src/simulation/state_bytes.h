#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace sosie {

/// The bytes of plain values, one after the other: a plant's state for the same program on the same
/// kind of machine. What was written by another is found out by its size and its mark.
template <class T>
void put_state(std::string& to, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// False: `from` is too short, and `value` is as it was.
template <class T>
bool take_state(std::string_view& from, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (from.size() < sizeof value) return false;
  std::memcpy(static_cast<void*>(&value), from.data(), sizeof value);
  from.remove_prefix(sizeof value);
  return true;
}

}  // namespace sosie
