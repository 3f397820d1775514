#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "wire/json/fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> paths{"device", "data.temperature", "data.axles.1", "time"};
  static auto reader = sosie::json::FieldReader::create(paths);
  const auto fields = (*reader).read({reinterpret_cast<const char*>(data), size});
  if (!fields) return fields.error().what.empty() ? std::abort(), 0 : 0;
  if ((*fields).size() != paths.size()) std::abort();
  for (const auto& field : *fields) {
    if (!std::isfinite(field.number)) std::abort();
    if (field.kind == sosie::json::Field::Kind::missing && !field.text.empty()) std::abort();
  }
  return 0;
}
