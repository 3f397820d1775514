#include "web/gzip.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>

namespace sosie::web {
namespace {

constexpr int window_bits = 15;
constexpr int either_header = 32;  ///< zlib's flag: gzip or zlib, found out by itself
constexpr int gzip_header = 16;
constexpr int fast = 1;
constexpr std::size_t first_room = 64U << 10U;

Bytef* bytes(std::string_view text) {  // zlib reads only, but its face is older than const
  const auto* const begin = text.data();
  return reinterpret_cast<Bytef*>(const_cast<char*>(begin));
}

}  // namespace

Result<std::string> gunzip(std::string_view packed, std::size_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits + either_header) != Z_OK) {
    return Error{Errc::unavailable, "gzip: no memory"};
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);
  std::string out;
  stream.next_in = bytes(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  int state = Z_OK;
  while (state == Z_OK) {
    const std::size_t room = std::min(limit + 1, std::max(first_room, out.size() * 2));
    out.resize(room);
    stream.next_out = bytes(out) + stream.total_out;
    stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
    state = inflate(&stream, Z_NO_FLUSH);
    if (stream.total_out > limit) {
      return Error{Errc::unsupported, fmt::format("more than {} bytes when decompressed", limit)};
    }
  }
  if (state != Z_STREAM_END) return Error{Errc::invalid, "the body is not gzip, or is cut"};
  if (stream.avail_in > 0) return Error{Errc::invalid, "bytes follow the end of the gzip body"};
  out.resize(stream.total_out);
  return out;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int memory = 8;  // zlib's default
  if (deflateInit2(&stream, fast, Z_DEFLATED, window_bits + gzip_header, memory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, deflateEnd);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = bytes(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = bytes(out);
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);  // deflateBound made room for all of it
  out.resize(stream.total_out);
  return out;
}

}  // namespace sosie::web
