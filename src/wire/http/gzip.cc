#include "wire/http/gzip.h"

#include <memory>

#include <zlib.h>

namespace sosie::http {
namespace {

Bytef* zlib_bytes(std::string_view text) {  // zlib reads only, but its face is older than const
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

std::string gzip(std::string_view text) {
  constexpr int fast = 1;
  constexpr int gzip_window = 15 + 16;  // the largest, and a gzip header about it
  constexpr int usual_memory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, fast, Z_DEFLATED, gzip_window, usual_memory, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return {};
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, deflateEnd);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = zlib_bytes(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = zlib_bytes(out);
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);  // deflateBound made room for all of it
  out.resize(stream.total_out);
  return out;
}

}  // namespace sosie::http
