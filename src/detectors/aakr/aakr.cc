#include <algorithm>
#include <memory>
#include <vector>

#include "core/catalog.h"
#include "core/detector.h"
#include "multivariate/whole_detector.h"
#include "statistics/state_memory.h"

namespace sosie {
namespace {

constexpr std::string_view kind_name = "aakr";
constexpr std::uint32_t model_version = 1;

/// How far the asset is from all that is remembered of it, over each window.
class Remembered final : public WholeStatistic {
 public:
  Remembered(std::size_t vectors, std::size_t windows) : vectors_(vectors), windows_(windows) {}

  /// What is remembered are the shortest window's means.
  void learn(std::span<const float> rows, std::size_t columns) override {
    const auto width = columns * windows_;
    std::vector<float> states;
    states.reserve(rows.size() / windows_);
    for (std::size_t at = 0; at + width <= rows.size(); at += width) {
      const auto state = rows.subspan(at, columns);
      states.insert(states.end(), state.begin(), state.end());
    }
    memory_ = StateMemory(states, columns, vectors_);
  }

  std::size_t count() const override { return windows_; }

  void measure(std::span<const float> row, std::span<double> into) override {
    for (std::size_t w = 0; w < windows_; ++w) into[w] = memory_.distance(window(row, w));
  }

  void parts(std::span<const float> row, std::size_t which, std::span<double> into) override {
    const auto u = window(row, which);
    memory_.distance(u);
    const auto expected = memory_.expected();
    for (std::size_t i = 0; i < u.size(); ++i) into[i] = static_cast<double>(u[i] - expected[i]);
  }

  void save(ModelWriter& writer) const override { memory_.save(writer); }

  Result<void> load(ModelReader& reader, std::size_t columns) override {
    memory_ = TRY(StateMemory::load(reader));
    if (memory_.columns() != columns || memory_.size() == 0) {
      return Error{Errc::corrupt,
                   fmt::format("a model of aakr: {} states of {} columns, expected {} columns",
                               memory_.size(), memory_.columns(), columns)};
    }
    return {};
  }

 private:
  std::span<const float> window(std::span<const float> row, std::size_t w) const {
    const auto columns = row.size() / windows_;
    return row.subspan(w * columns, columns);
  }

  std::size_t vectors_;
  std::size_t windows_;
  StateMemory memory_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  WholeDetector::Config config;
  config.rows.windows = {std::chrono::minutes(5), std::chrono::minutes(40)};
  config.rows.phase = std::chrono::seconds(30);
  config.rows.with_states = true;
  TRY(WholeDetector::read(section, config));
  const auto vectors = TRY(section.integer("vectors", 384));
  const bool is_some = vectors >= 16 && vectors <= 4096;
  if (!is_some) return section.wrong("vectors", "expected 16 to 4096");
  const auto windows = config.rows.windows.size();
  return std::make_unique<WholeDetector>(kind_name, model_version, std::move(config), [=] {
    return std::make_unique<Remembered>(static_cast<std::size_t>(vectors), windows);
  });
}

}  // namespace

void register_detectors_aakr(Catalog& catalog);
void register_detectors_aakr(Catalog& catalog) {
  catalog.add<Detector>(std::string(kind_name), make);
}

}  // namespace sosie
