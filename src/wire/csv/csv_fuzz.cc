#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "wire/csv/reader.h"
#include "wire/csv/writer.h"

// Whatever the bytes: reading ends, lines never go back, positions lead back, and what was read,
// written and read again is the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace csv = sosie::csv;
  if (size == 0) return 0;
  const char choices[] = {'\0', ',', ';', '\t'};
  const csv::Options options{.delimiter = choices[data[0] % 4], .max_record_bytes = 64};
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto reader = csv::Reader::of(text, options);
  csv::Row row;
  std::uint64_t line = 0;
  for (std::size_t records = 0;; ++records) {
    if (records > size) std::abort();
    auto more = reader.next(row);
    if (!more || !*more) break;
    if (row.line <= line || row.fields.empty()) std::abort();
    if (reader.position().offset > text.size()) std::abort();
    line = row.line;
    if (!row.problem.empty()) continue;
    std::string written;
    csv::append_record(written, row.fields, ',');
    auto again = csv::Reader::of(written, {.delimiter = ',', .max_record_bytes = 1024});
    csv::Row same;
    auto read = again.next(same);
    if (!read || !*read || same.fields != row.fields) std::abort();
  }
  return 0;
}
