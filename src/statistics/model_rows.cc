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

Result<void> ModelRows::load(std::string_view bytes, std::string_view what, std::uint32_t version,
                             std::size_t width) {
  auto reader = TRY(ModelReader::open(bytes, what, version));
  const auto count = TRY(reader.count(2 * sizeof(std::uint64_t)));
  decltype(waiting_) rows;
  for (std::size_t i = 0; i < count; ++i) {
    auto name = TRY(reader.text());
    auto numbers = TRY(reader.numbers());
    if (const auto fault = fault_of(numbers, width); !fault.empty()) {
      return Error{Errc::corrupt, fmt::format("a model of {}: '{}' {}", what, name, fault)};
    }
    rows.insert_or_assign(std::move(name), std::move(numbers));
  }
  waiting_ = std::move(rows);
  return {};
}

void ModelRows::give(const ColumnNames& names, const Take& take) {
  std::erase_if(waiting_, [&](const auto& row) {
    const auto column = names.find(row.first);
    if (column) take(*column, row.second);
    return column.has_value();
  });
}

}  // namespace sosie
