#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "core/catalog.h"
#include "core/detector.h"
#include "multivariate/whole_detector.h"
#include "statistics/matrix.h"
#include "statistics/redundancy.h"

namespace sosie {
namespace {

constexpr std::string_view kind_name = "contrast";
constexpr std::uint32_t model_version = 1;

/// How far the asset is from where it was a little before: a short window less a long one that ends
/// with it, in the metric of what such differences ordinarily have to do with each other.
class Contrast final : public WholeStatistic {
 public:
  static constexpr std::size_t pairs = 2;
  static constexpr std::size_t windows = 2 * pairs;  ///< short, long, short, long

  void learn(std::span<const float> rows, std::size_t columns) override {
    difference_.resize(columns);
    for (std::size_t k = 0; k < pairs; ++k) {
      one_over_.at(k).assign(columns, 1.0F);
      Matrix covariance = covariance_of(rows, columns, k);
      for (std::size_t i = 0; i < columns; ++i) {
        const double variance = covariance.at(i, i);
        one_over_.at(k)[i] =
            variance > least_variance ? static_cast<float>(1 / std::sqrt(variance)) : 0.0F;
      }
      for (std::size_t i = 0; i < columns; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
          covariance.at(i, j) *= static_cast<double>(one_over_.at(k)[i] * one_over_.at(k)[j]);
        }
      }
      redundancy_.at(k) = Redundancy(std::move(covariance));
    }
  }

  std::size_t count() const override { return pairs; }

  void measure(std::span<const float> row, std::span<double> into) override {
    for (std::size_t k = 0; k < pairs; ++k) {
      subtract(row, k);
      const auto residuals = redundancy_.at(k).residuals(difference_);
      double sum = 0;
      for (std::size_t i = 0; i < difference_.size(); ++i) {
        sum += static_cast<double>(difference_[i]) * static_cast<double>(residuals[i]);
      }
      into[k] = std::max(0.0, sum);
    }
  }

  void parts(std::span<const float> row, std::size_t which, std::span<double> into) override {
    subtract(row, which);
    redundancy_.at(which).residuals(difference_);
    redundancy_.at(which).gains(into);
    for (std::size_t i = 0; i < into.size(); ++i) {
      into[i] = std::copysign(std::sqrt(into[i]), static_cast<double>(difference_[i]));
    }
  }

  void save(ModelWriter& writer) const override {
    for (std::size_t k = 0; k < pairs; ++k) {
      const auto& scales = one_over_.at(k);
      writer.numbers(std::vector<double>(scales.begin(), scales.end()));
      redundancy_.at(k).save(writer);
    }
  }

  Result<void> load(ModelReader& reader, std::size_t columns) override {
    for (std::size_t k = 0; k < pairs; ++k) {
      const auto scales = TRY(reader.numbers());
      redundancy_.at(k) = TRY(Redundancy::load(reader));
      if (scales.size() != columns || redundancy_.at(k).columns() != columns) {
        return Error{Errc::corrupt, fmt::format("a model of contrast: {} columns, expected {}",
                                                scales.size(), columns)};
      }
      one_over_.at(k).assign(columns, 0.0F);
      std::ranges::transform(scales, one_over_.at(k).begin(),
                             [](double x) { return static_cast<float>(x); });
    }
    difference_.resize(columns);
    return {};
  }

 private:
  static constexpr double least_variance = 1e-6;  ///< deviations squared: less is rounding

  Matrix covariance_of(std::span<const float> rows, std::size_t columns, std::size_t pair) {
    const auto width = columns * windows;
    Matrix covariance(columns);
    double count = 0;
    for (std::size_t at = 0; at + width <= rows.size(); at += width) {
      subtract(rows.subspan(at, width), pair);
      count += 1;
      for (std::size_t i = 0; i < columns; ++i) {
        double* const into = covariance.row(i);
        const auto x = static_cast<double>(difference_[i]);
        for (std::size_t j = 0; j <= i; ++j) into[j] += x * static_cast<double>(difference_[j]);
      }
    }
    for (std::size_t i = 0; i < columns; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        covariance.at(j, i) = covariance.at(i, j) /= std::max(count, 1.0);
      }
    }
    return covariance;
  }

  void subtract(std::span<const float> row, std::size_t pair) {
    const auto columns = difference_.size();
    const auto shorter = row.subspan(2 * pair * columns, columns);
    const auto longer = row.subspan((2 * pair + 1) * columns, columns);
    for (std::size_t i = 0; i < columns; ++i) {
      difference_[i] = (shorter[i] - longer[i]) * one_over_.at(pair)[i];
    }
  }

  std::array<Redundancy, pairs> redundancy_;
  std::array<std::vector<float>, pairs> one_over_;  ///< of the differences' deviations
  std::vector<float> difference_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  WholeDetector::Config config;
  config.rows.windows = {std::chrono::minutes(5), std::chrono::minutes(40),
                         std::chrono::minutes(15), std::chrono::minutes(120)};
  config.rows.phase = std::chrono::seconds(45);
  TRY(WholeDetector::read(section, config));
  return std::make_unique<WholeDetector>(kind_name, model_version, std::move(config),
                                         [] { return std::make_unique<Contrast>(); });
}

}  // namespace

void register_detectors_contrast(Catalog& catalog);
void register_detectors_contrast(Catalog& catalog) {
  catalog.add<Detector>(std::string(kind_name), make);
}

}  // namespace sosie
