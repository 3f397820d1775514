#include "statistics/model_rows.h"

#include <algorithm>
#include <cmath>

#include "statistics/model_bytes.h"

namespace sosie {
namespace {

/// What makes these numbers no row of a model; empty: nothing.
std::string fault_of(std::span<const double> numbers, std::size_t width) {
  if (numbers.size() != width) {
    return fmt::format("has {} numbers, expected {}", numbers.size(), width);
  }
  const bool has_nan =
      std::any_of(numbers.begin(), numbers.end(), [](double x) { return std::isnan(x); });
  return has_nan ? "holds NaN" : "";
}

}  // namespace

std::string save_rows(std::string_view what, std::uint32_t version, const ColumnNames& names,
                      const std::function<std::vector<double>(std::uint32_t)>& row) {
  std::vector<std::pair<std::uint32_t, std::vector<double>>> rows;
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (auto numbers = row(i); !numbers.empty()) rows.emplace_back(i, std::move(numbers));
  }
  if (rows.empty()) return {};
  ModelWriter writer(what, version);
  writer.integer(rows.size());
  for (const auto& [column, numbers] : rows) {
    writer.text(names[column]);
    writer.numbers(numbers);
  }
  return std::move(writer).finish();
}

Result<void> load_rows(std::string_view bytes, std::string_view what, std::uint32_t version,
                       const ColumnNames& names, std::size_t width,
                       const std::function<void(std::uint32_t, std::span<const double>)>& take) {
  auto reader = TRY(ModelReader::open(bytes, what, version));
  const auto count = TRY(reader.count(2 * sizeof(std::uint64_t)));
  std::vector<std::pair<std::uint32_t, std::vector<double>>> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = TRY(reader.text());
    auto numbers = TRY(reader.numbers());
    if (const auto fault = fault_of(numbers, width); !fault.empty()) {
      return Error{Errc::corrupt, fmt::format("a model of {}: '{}' {}", what, name, fault)};
    }
    if (const auto column = names.find(name)) rows.emplace_back(*column, std::move(numbers));
  }
  for (const auto& [column, numbers] : rows) take(column, numbers);
  return {};
}

}  // namespace sosie
