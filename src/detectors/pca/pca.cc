#include "statistics/pca.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "core/catalog.h"
#include "core/detector.h"
#include "multivariate/whole_detector.h"
#include "statistics/matrix.h"

namespace sosie {
namespace {

constexpr std::string_view kind_name = "pca";
constexpr std::uint32_t model_version = 1;

/// T2 and Q of dynamic principal components, over each window.
///
/// What is decomposed is each column now beside its slow average (the last window), so that what a
/// sensor has to do with what others showed before is known too (dynamic PCA: Ku, Storer,
/// Georgakis, Chemometrics and Intelligent Laboratory Systems 30, 1995).
class Components final : public WholeStatistic {
 public:
  Components(double variance, std::size_t windows) : variance_(variance), windows_(windows) {}

  void learn(std::span<const float> rows, std::size_t columns) override {
    columns_ = columns;
    both_.resize(2 * columns);
    const auto width = columns * windows_;
    Matrix covariance(both_.size());
    double count = 0;
    for (std::size_t at = 0; at + width <= rows.size(); at += width) {
      join(rows.subspan(at, width), 0);
      count += 1;
      for (std::size_t i = 0; i < both_.size(); ++i) {
        double* const into = covariance.row(i);
        const auto x = static_cast<double>(both_[i]);
        for (std::size_t j = 0; j <= i; ++j) into[j] += x * static_cast<double>(both_[j]);
      }
    }
    for (std::size_t i = 0; i < both_.size(); ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        covariance.at(j, i) = covariance.at(i, j) /= std::max(count, 1.0);
      }
    }
    pca_ = Pca(std::move(covariance), variance_);
  }

  std::size_t count() const override { return 2 * windows_; }

  void measure(std::span<const float> row, std::span<double> into) override {
    for (std::size_t w = 0; w < windows_; ++w) {
      join(row, w);
      const auto found = pca_.distances(both_);
      into[2 * w] = found.t2;
      into[2 * w + 1] = found.q;
    }
  }

  void parts(std::span<const float> row, std::size_t which, std::span<double> into) override {
    join(row, which / 2);
    pca_.distances(both_);
    std::vector<double> to_t2(both_.size());
    std::vector<double> to_q(both_.size());
    pca_.contributions(both_, to_t2, to_q);
    const auto& parts = which % 2 == 0 ? to_t2 : to_q;
    for (std::size_t i = 0; i < columns_; ++i) {
      const double part = std::max(0.0, parts[i] + parts[i + columns_]);
      into[i] = std::copysign(std::sqrt(part), static_cast<double>(both_[i]));
    }
  }

  void save(ModelWriter& writer) const override { pca_.save(writer); }

  Result<void> load(ModelReader& reader, std::size_t columns) override {
    pca_ = TRY(Pca::load(reader));
    if (pca_.columns() != 2 * columns) {
      return Error{Errc::corrupt,
                   fmt::format("a model of pca: components of {} columns, expected {}",
                               pca_.columns(), 2 * columns)};
    }
    columns_ = columns;
    both_.resize(2 * columns);
    return {};
  }

 private:
  /// One window beside the slow average.
  void join(std::span<const float> row, std::size_t window) {
    const auto now = row.subspan(window * columns_, columns_);
    const auto slow = row.subspan((windows_ - 1) * columns_, columns_);
    std::ranges::copy(now, both_.begin());
    std::ranges::copy(slow, both_.begin() + static_cast<std::ptrdiff_t>(columns_));
  }

  double variance_;
  std::size_t windows_;
  std::size_t columns_ = 0;
  Pca pca_;
  std::vector<float> both_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  WholeDetector::Config config;
  config.rows.windows = {std::chrono::minutes(1), std::chrono::minutes(5), std::chrono::minutes(15),
                         std::chrono::minutes(40)};
  config.rows.phase = std::chrono::seconds(15);
  TRY(WholeDetector::read(section, config));
  const double variance = TRY(section.number("variance", 0.9));
  const bool is_share = variance > 0 && variance < 1;
  if (!is_share) return section.wrong("variance", "expected a number between 0 and 1");
  const auto windows = config.rows.windows.size();
  return std::make_unique<WholeDetector>(kind_name, model_version, std::move(config), [=] {
    return std::make_unique<Components>(variance, windows);
  });
}

}  // namespace

void register_detectors_pca(Catalog& catalog);
void register_detectors_pca(Catalog& catalog) {
  catalog.add<Detector>(std::string(kind_name), make);
}

}  // namespace sosie
