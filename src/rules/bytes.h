#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace sosie::rules {

/// The bytes of a number or a struct of numbers, as this machine has them.
template <class T>
void put(std::string& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

/// False: there are not enough.
template <class T>
bool get(std::string_view& in, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (in.size() < sizeof(value)) return false;
  std::memcpy(&value, in.data(), sizeof(value));
  in.remove_prefix(sizeof(value));
  return true;
}

}  // namespace sosie::rules
