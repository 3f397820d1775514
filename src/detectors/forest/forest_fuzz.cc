// Any bytes as a forest, and as the sealed content of a model file: an Error or something that can
// be used, never a crash.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/forest/isolation_forest.h"
#include "detectors/forest/model.h"
#include "detectors/forest/tree_shap.h"
#include "statistics/model_bytes.h"

namespace {

using namespace sosie::forest;  // NOLINT(google-build-using-namespace)

void use(const IsolationForest& forest) {
  const std::vector<float> row(forest.features(), 0.5F);
  std::vector<double> parts(forest.features());
  TreeShap shap(forest);
  shap.explain(row, parts);
  double sum = shap.expected() - forest.path_length(row);
  for (const double part : parts) sum += part;
  if (!(sum < 1e-3 && sum > -1e-3)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto forest = IsolationForest::from_bytes(bytes)) use(*forest);
  sosie::ModelWriter file(model_name, model_version);
  file.text(bytes);
  if (const auto model = Model::from_bytes(std::move(file).finish())) {
    use(model->forest);
    static_cast<void>(model->calibration.confidence(-0.5, 0.001));
    if (!Model::from_bytes(model->to_bytes())) std::abort();
  }
  static_cast<void>(Model::from_bytes(bytes));
  return 0;
}
