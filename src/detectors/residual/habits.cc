#include "detectors/residual/habits.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace sosie::residual {
namespace {

/// Rows in which a state is not as usual, or was not so just before; 0: as usual, else the number
/// of the excursion.
struct Excursions {
  double usual = 0;
  std::vector<std::uint32_t> of_row;
  std::uint32_t count = 0;
};

Excursions excursions_of(const History& history, std::size_t state, std::size_t wake) {
  Excursions found;
  std::vector<float> values;
  for (std::size_t r = 0; r < history.rows(); ++r) {
    if (!std::isnan(history.row(r)[state])) values.push_back(history.row(r)[state]);
  }
  found.of_row.assign(history.rows(), 0);
  if (values.empty()) return found;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  found.usual = static_cast<double>(values[values.size() / 2]);
  std::size_t left = 0;
  for (std::size_t r = 0; r < history.rows(); ++r) {
    const double value = static_cast<double>(history.row(r)[state]);
    if (std::abs(value - found.usual) > Model::state_slack) {
      if (left == 0) ++found.count;
      left = wake + 1;
    }
    if (left == 0) continue;
    found.of_row[r] = found.count;
    --left;
  }
  return found;
}

/// Whether a column leaves the others, further than it does 99 % of the time else, in most
/// excursions.
bool is_habit(const Excursions& state, const Trial& trial, std::size_t n, std::size_t column) {
  Sketch elsewhere;
  std::vector<double> largest(state.count + 1, 0.0);  // of each excursion
  for (std::size_t r = 0; r < state.of_row.size(); ++r) {
    const double size = std::abs(trial.residuals[r * n + column]);
    if (std::isnan(size)) continue;
    if (state.of_row[r] == 0) elsewhere.add(size);
    largest[state.of_row[r]] = std::max(largest[state.of_row[r]], size);
  }
  const double far = 1.5 * elsewhere.quantile(0.99);
  const auto jumped =
      std::count_if(largest.begin() + 1, largest.end(), [&](double size) { return size > far; });
  return jumped >= 3 && 2 * jumped >= static_cast<std::ptrdiff_t>(state.count);
}

/// What a column showed during excursions teaches nothing.
void forget_cells(const Excursions& state, std::uint32_t column, Table& table) {
  for (std::size_t r = 0; r < table.rows(); ++r) {
    if (state.of_row[r] != 0) table.row(r)[column] = unknown_cell;
  }
}

}  // namespace

void find_habits(const Learning& learning, const Trial& trial, std::size_t wake, Model& model,
                 Table& table) {
  const auto& [history, names, judged, is_judged] = learning;
  const auto n = model.columns.size();
  for (std::size_t s = 0; s < history.columns; ++s) {
    if (judged[s] != 0) continue;
    const auto state = excursions_of(history, s, wake);
    const auto away = std::ranges::count_if(state.of_row, [](std::uint32_t e) { return e != 0; });
    if (state.count < 3 || away * 10 > static_cast<std::ptrdiff_t>(history.rows())) continue;
    Model::Habit habit{.state = names[s], .usual = state.usual, .columns = {}};
    for (std::uint32_t i = 0; i < n; ++i) {
      if (is_judged[i] == 0 || !is_habit(state, trial, n, i)) continue;
      habit.columns.push_back(i);
      forget_cells(state, i, table);
    }
    if (!habit.columns.empty()) model.habits.push_back(std::move(habit));
  }
}

}  // namespace sosie::residual
