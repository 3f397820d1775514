#pragma once

#include <cstdint>
#include <string_view>

namespace sosie {

/// A detector whose limits people may move while it runs implements this beside Detector.
///
/// Threads: the lane's, as all of a detector.
class Adjustable {
 public:
  virtual ~Adjustable() = default;

  /// From the next frame on: every limit of that column and name. False: it has none such.
  virtual bool set_limit(std::uint32_t column, std::string_view name, double value) = 0;
};

}  // namespace sosie
