#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sosie {

// How a shard's state is written: numbers of 8 bytes as this machine has them (all ours are little
// endian), and texts with their length before them.

inline void put_number(std::string& out, std::uint64_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}
inline void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out.append(text);
}

/// False: there is not so much.
inline bool get_number(std::string_view& in, std::uint64_t& number) {
  if (in.size() < sizeof number) return false;
  std::memcpy(&number, in.data(), sizeof number);
  in.remove_prefix(sizeof number);
  return true;
}
inline bool get_text(std::string_view& in, std::string_view& text) {
  std::uint64_t size = 0;
  if (!get_number(in, size) || in.size() < size) return false;
  text = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

}  // namespace sosie
