#pragma once

// What the tests of plants share.

#include <vector>

#include "simulation/label.h"

namespace sosie {

class LabelBook final : public LabelSink {
 public:
  void label(const Label& label) override { heard.push_back(label); }
  std::vector<Label> heard;
};

}  // namespace sosie
