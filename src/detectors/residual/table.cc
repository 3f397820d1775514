#include "detectors/residual/table.h"

#include <cmath>

namespace sosie::residual {

Table scaled(const History& history, const std::vector<std::size_t>& kept, const Model& model) {
  const auto n = kept.size();
  Table table{.width = 2 * n, .cells = {}};
  table.cells.resize(history.rows() * table.width);
  for (std::size_t r = 0; r < history.rows(); ++r) {
    const auto from = history.row(r);
    const auto to = table.row(r);
    for (std::size_t i = 0; i < n; ++i) {
      const auto& c = model.columns[i];
      to[i] = (static_cast<double>(from[kept[i]]) - c.center) / c.scale;
      to[i + n] = (static_cast<double>(from[kept[i] + history.columns]) - c.center) / c.scale;
    }
  }
  return table;
}

Table averaged(const Table& table, double forget) {
  Table slow = table;
  for (std::size_t r = 1; r < table.rows(); ++r) {
    const auto before = slow.row(r - 1);
    const auto row = slow.row(r);
    for (std::size_t i = 0; i < table.width; ++i) {
      if (std::isnan(row[i])) {
        row[i] = before[i];
      } else if (!std::isnan(before[i])) {
        row[i] = before[i] + forget * (row[i] - before[i]);
      }
    }
  }
  return slow;
}

Table banded(const Table& table, double quick_forget, double slow_forget) {
  auto band = averaged(table, quick_forget);
  std::vector<double> slow(table.row(0).begin(), table.row(0).end());
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const auto now = table.row(r);
    const auto row = band.row(r);
    for (std::size_t i = 0; i < table.width; ++i) {
      if (std::isnan(slow[i])) slow[i] = now[i];
      if (!std::isnan(now[i])) slow[i] += slow_forget * (now[i] - slow[i]);
      row[i] -= slow[i];
    }
  }
  return band;
}

void renew_slow(Table& table, double forget) {
  const auto n = table.width / 2;
  for (std::size_t r = 1; r < table.rows(); ++r) {
    const auto before = table.row(r - 1);
    const auto row = table.row(r);
    for (std::size_t i = 0; i < n; ++i) {
      if (std::isnan(row[i]) || std::isnan(before[i + n])) continue;
      row[i + n] = before[i + n] + forget * (row[i] - before[i + n]);
    }
  }
}

}  // namespace sosie::residual
