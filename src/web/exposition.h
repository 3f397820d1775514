#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "engine/statistics.h"

namespace sosie::web {

/// Writes Prometheus's text format (version 0.0.4): families one after the other, each with its
/// HELP and TYPE, names and label values as the format wants them.
class Exposition {
 public:
  struct Label {
    std::string_view name;
    std::string_view value;
  };
  using Labels = std::initializer_list<Label>;

  /// Begins a family. `type`: "gauge", "counter" (whose name ends with _total) or "histogram".
  void family(std::string_view name, std::string_view type, std::string_view help);

  /// A value of the family begun last.
  void sample(double value, Labels labels = {});

  /// A whole family.
  void histogram(std::string_view name, std::string_view help,
                 const LatencyHistogram::Snapshot& latency);

  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, Labels labels, double value);

  std::string text_;
  std::string name_;
};

}  // namespace sosie::web
