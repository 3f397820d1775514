#include "detectors/residual/completion.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "detectors/residual/held_out.h"
#include "detectors/residual/judge.h"

namespace sosie::residual {
namespace {

constexpr double mostly_known = 0.95;  ///< of the rows: what is missing of it matters little
constexpr int completions = 4;  ///< passes; each leaves of an error the share that is unknown

class Completion {
 public:
  Completion(const Table& table, std::span<const std::uint8_t> is_gappy, Model& model,
             const FitConfig& config)
      : table_(table),
        is_gappy_(is_gappy),
        model_(model),
        config_(config),
        filled_(table),
        means_(table.width) {
    for (std::size_t r = 0; r < table.rows(); ++r) {
      if (!is_whole(table.row(r))) rows_.push_back(r);
    }
  }

  Table run() {
    if (rows_.empty()) return std::move(filled_);
    Table whole{.width = table_.width, .cells = {}};
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      const auto row = table_.row(r);
      if (is_whole(row)) whole.cells.insert(whole.cells.end(), row.begin(), row.end());
    }
    const bool is_enough = whole.rows() >= std::max(least_rows, 2 * table_.width);
    learn(is_enough ? whole : table_);
    for (int pass = 0; pass < completions; ++pass) {
      if (pass > 0) learn(filled_);
      fill();
    }
    return std::move(filled_);
  }

 private:
  bool is_unknown(std::span<const double> row, std::size_t i) const {
    const auto n = is_gappy_.size();
    return is_gappy_[i] != 0 && (std::isnan(row[i]) || std::isnan(row[i + n]));
  }

  /// In its gappy columns.
  bool is_whole(std::span<const double> row) const {
    for (std::size_t i = 0; i < is_gappy_.size(); ++i) {
      if (is_unknown(row, i)) return false;
    }
    return true;
  }

  void learn(const Table& from) {
    Table centred = from;
    std::vector<double> known(from.width, 0.0);
    std::ranges::fill(means_, 0.0);
    for (std::size_t r = 0; r < from.rows(); ++r) {
      for (std::size_t i = 0; i < from.width; ++i) {
        const double value = from.row(r)[i];
        if (std::isnan(value)) continue;
        means_[i] += std::clamp(value, -clip, clip);
        ++known[i];
      }
    }
    for (std::size_t i = 0; i < from.width; ++i) means_[i] /= std::max(known[i], 1.0);
    for (std::size_t r = 0; r < from.rows(); ++r) {
      for (std::size_t i = 0; i < from.width; ++i) centred.row(r)[i] -= means_[i];
    }
    model_.precision = Moments(centred, config_.block).precision(folds, config_.ridge);
  }

  void fill() {
    const auto n = model_.columns.size();
    const std::vector<double> no_limits(n, std::numeric_limits<double>::infinity());
    Judge judge(model_);
    std::vector<double> centred(table_.width);
    for (const auto r : rows_) {
      const auto from = table_.row(r);
      const auto to = filled_.row(r);
      for (std::size_t i = 0; i < table_.width; ++i) centred[i] = from[i] - means_[i];
      judge.judge(centred, no_limits);
      for (std::size_t i = 0; i < n; ++i) {
        if (!is_unknown(from, i)) continue;
        to[i] = static_cast<double>(judge.input()[i]) + means_[i];
        to[i + n] = static_cast<double>(judge.input()[i + n]) + means_[i + n];
      }
    }
  }

  const Table& table_;
  std::span<const std::uint8_t> is_gappy_;
  Model& model_;
  const FitConfig& config_;
  Table filled_;
  std::vector<double> means_;
  std::vector<std::size_t> rows_;  ///< that are not whole
};

}  // namespace

std::vector<std::uint8_t> gappy_in(const Table& table) {
  const auto n = table.width / 2;
  std::vector<std::size_t> known(n);
  for (std::size_t r = 0; r < table.rows(); ++r) {
    for (std::size_t i = 0; i < n; ++i) known[i] += std::isnan(table.row(r)[i]) ? 0U : 1U;
  }
  std::vector<std::uint8_t> gappy;
  gappy.reserve(n);
  for (const auto count : known) {
    const double least = mostly_known * static_cast<double>(table.rows());
    gappy.push_back(static_cast<double>(count) < least ? 1 : 0);
  }
  return gappy;
}

std::vector<std::uint8_t> known_in(const Table& table, std::span<const std::uint8_t> is_gappy) {
  const auto n = table.width / 2;
  std::vector<std::uint8_t> known;
  known.reserve(table.rows() * n);
  for (std::size_t r = 0; r < table.rows(); ++r) {
    for (std::size_t i = 0; i < n; ++i) {
      known.push_back(is_gappy[i] != 0 && std::isnan(table.row(r)[i]) ? 0 : 1);
    }
  }
  return known;
}

Table completed(const Table& table, std::span<const std::uint8_t> is_gappy, Model& model,
                const FitConfig& config) {
  return Completion(table, is_gappy, model, config).run();
}

void centre_anew(std::span<const std::uint8_t> is_gappy, Table& table, Table& filled,
                 Model& model) {
  const auto n = model.columns.size();
  std::vector<double> values(filled.rows());
  for (std::size_t i = 0; i < n; ++i) {
    if (is_gappy[i] == 0) continue;
    for (std::size_t r = 0; r < filled.rows(); ++r) values[r] = filled.row(r)[i];
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    const double moved = *middle;
    model.columns[i].center += moved * model.columns[i].scale;
    for (auto* const one : {&table, &filled}) {
      for (std::size_t r = 0; r < one->rows(); ++r) {
        one->row(r)[i] -= moved;
        one->row(r)[i + n] -= moved;
      }
    }
  }
}

}  // namespace sosie::residual
