#include <cstdint>
#include <cstdlib>
#include <string>

#include "wire/line/line.h"

/// What was read is written, and must read back as one line that is written the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body(reinterpret_cast<const char*>(data), size);
  sosie::line::Parser parser(sosie::line::Precision::ns);
  sosie::line::Parser again(sosie::line::Precision::ns);
  while (const auto line = sosie::line::next_line(body)) {
    const auto point = parser.parse(*line);
    if (!point) continue;
    if ((*point)->measurement.empty() || (*point)->fields.empty()) std::abort();
    std::string out;
    sosie::line::append(out, **point);
    (void)again.parse(std::string_view(out).substr(0, out.size() - 1));
  }
  return 0;
}
