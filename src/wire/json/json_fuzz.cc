#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "wire/json/readings.h"
#include "wire/json/value.h"

namespace {

/// Holds the decoder to its promises, whatever the bytes.
class Watch final : public sosie::json::ReadingVisitor {
 public:
  void reading(std::size_t index, const sosie::json::ReadingItem& item) override {
    if (index != next_++ || item.entity.empty() || !std::isfinite(item.value)) std::abort();
  }
  void refused(std::size_t index, std::string_view reason, std::string_view sample) override {
    if (index != next_++ || reason.empty() || sample.size() > 200) std::abort();
  }

 private:
  std::size_t next_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Watch watch;
  static sosie::json::ReadingDecoder decoder;
  decoder.decode(text, watch);
  static sosie::json::Parser parser;
  if (const auto value = parser.parse(text)) (void)value.operator*().find("a.b.0");
  return 0;
}
