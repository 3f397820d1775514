#include "detectors/residual/model.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "statistics/model_bytes.h"

namespace sosie::residual {
namespace {

constexpr std::uint32_t model_version = 4;  ///< 4: with limits of what came in the last hours
constexpr std::size_t most_columns = 4096;  ///< a bound on what a damaged file can make us allocate
constexpr std::size_t least_peers = 20;     ///< of fewer, a fifth says nothing of the whole
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

double misfit(std::span<const double> residuals, std::span<const double> limits,
              std::vector<double>& scratch) {
  scratch.clear();
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const double level = std::abs(residuals[i]) / limits[i];
    if (!std::isinf(limits[i]) && !std::isnan(level)) scratch.push_back(level);
  }
  if (scratch.size() < least_peers) return 0;
  const auto fifth = scratch.begin() + static_cast<std::ptrdiff_t>(scratch.size() * 4 / 5);
  std::ranges::nth_element(scratch, fifth);
  return *fifth;
}

double band_widening(double least, double usual, std::span<const double> residuals,
                     std::span<const double> limits, std::vector<double>& scratch) {
  // Nearly always fewer columns than it takes are that far off, and counting them is quick. A
  // little less than `least` is asked for, so that no rounding makes the difference.
  const double far = least * usual * (1 - 1e-9);
  std::size_t known = 0;
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    known += limits[i] < infinity ? 1U : 0U;
    beyond += std::abs(residuals[i]) > far * limits[i] ? 1U : 0U;
  }
  if (known == 0 || beyond < known - known * 4 / 5) return least;
  return std::max(least, misfit(residuals, limits, scratch) / usual);
}

std::string Model::save() const {
  if (empty()) return {};
  ModelWriter writer("residual", model_version);
  writer.integer(columns.size());
  writer.number(t2_limit);
  writer.number(slow_t2_limit);
  writer.number(band_t2_limit);
  writer.number(misfit_limit);
  writer.number(slow_misfit_limit);
  writer.number(band_misfit_limit);
  writer.integer(held_out_episodes);
  writer.number(held_out_days);
  writer.integer(habits.size());
  for (const auto& h : habits) {
    writer.text(h.state);
    writer.number(h.usual);
    writer.numbers(std::vector<double>(h.columns.begin(), h.columns.end()));
  }
  for (const auto& c : columns) {
    writer.text(c.name);
    const double row[] = {c.center, c.scale, c.fast_limit, c.slow_limit, c.band_limit, c.sigma};
    writer.numbers(row);
  }
  for (std::size_t i = 0; i < precision.size; ++i) {
    writer.numbers(std::span(precision.row(i), i + 1));  // the lower triangle says it all
  }
  return std::move(writer).finish();
}

namespace {

Result<Model::Habit> read_habit(ModelReader& reader, std::size_t columns) {
  Model::Habit habit;
  habit.state = TRY(reader.text());
  habit.usual = TRY(reader.number());
  const auto numbers = TRY(reader.numbers());
  for (const double number : numbers) {
    if (number < 0 || number >= static_cast<double>(columns) || std::isnan(number)) {
      return Error{Errc::corrupt,
                   fmt::format("a model of residual: a bad habit of '{}'", habit.state)};
    }
    habit.columns.push_back(static_cast<std::uint32_t>(number));
  }
  return habit;
}

Result<std::vector<Model::Habit>> read_habits(ModelReader& reader, std::size_t columns) {
  std::vector<Model::Habit> habits;
  const auto count = TRY(reader.count(3 * sizeof(std::uint64_t)));
  for (std::size_t i = 0; i < count; ++i) {
    auto habit = TRY(read_habit(reader, columns));
    habits.push_back(std::move(habit));
  }
  return habits;
}

Result<Model::Column> read_column(ModelReader& reader) {
  auto name = TRY(reader.text());
  const auto row = TRY(reader.numbers());
  if (row.size() != 6 || !(row[1] > 0)) {
    return Error{Errc::corrupt, fmt::format("a model of residual: a bad row for '{}'", name)};
  }
  return Model::Column{.name = std::move(name),
                       .center = row[0],
                       .scale = row[1],
                       .fast_limit = row[2],
                       .slow_limit = row[3],
                       .band_limit = row[4],
                       .sigma = row[5]};
}

/// The lower triangle, row by row.
Result<Matrix> read_matrix(ModelReader& reader, std::size_t size) {
  Matrix matrix(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto row = TRY(reader.numbers());
    if (row.size() != i + 1 || !(row.back() > 0)) {
      return Error{Errc::corrupt,
                   fmt::format("a model of residual: a bad row {} of its matrix", i)};
    }
    for (std::size_t j = 0; j <= i; ++j) matrix.at(i, j) = matrix.at(j, i) = row[j];
  }
  return matrix;
}

Result<void> read_limits(ModelReader& reader, Model& model) {
  model.t2_limit = TRY(reader.number());
  model.slow_t2_limit = TRY(reader.number());
  model.band_t2_limit = TRY(reader.number());
  model.misfit_limit = TRY(reader.number());
  model.slow_misfit_limit = TRY(reader.number());
  model.band_misfit_limit = TRY(reader.number());
  model.held_out_episodes = TRY(reader.integer());
  model.held_out_days = TRY(reader.number());
  return {};
}

}  // namespace

Result<Model> Model::load(std::string_view bytes) {
  auto reader = TRY(ModelReader::open(bytes, "residual", model_version));
  Model model;
  const auto count = TRY(reader.count(sizeof(double) * 8));
  if (count > most_columns) {
    return Error{Errc::corrupt, fmt::format("a model of residual: {} columns, at most {} expected",
                                            count, most_columns)};
  }
  TRY(read_limits(reader, model));
  model.habits = TRY(read_habits(reader, count));
  for (std::size_t i = 0; i < count; ++i) {
    auto column = TRY(read_column(reader));
    model.columns.push_back(std::move(column));
  }
  model.precision = TRY(read_matrix(reader, 2 * count));
  return model;
}

}  // namespace sosie::residual
