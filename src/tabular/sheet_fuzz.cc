#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tabular/sheet.h"

// Whatever the bytes: reading ends, every row has a cell for each sensor, and none is infinite.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace tabular = sosie::tabular;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  tabular::SheetRequest request;
  request.sample_rows = data[0] % 8;
  if ((data[0] & 8U) != 0) request.time = "t";
  if ((data[0] & 16U) != 0) request.label = "y";
  auto sheet = tabular::Sheet::of(text, request);
  if (!sheet) return 0;
  tabular::SheetRow row;
  for (std::size_t rows = 0;; ++rows) {
    if (rows > size) std::abort();
    const auto more = sheet->next(row);
    if (!more || !*more) break;
    if (row.values.size() != sheet->columns().size()) std::abort();
    if (sheet->has_labels() && row.label >= sheet->label_texts().size()) std::abort();
    for (const double value : row.values) {
      if (std::isinf(value)) std::abort();
    }
  }
  return 0;
}
