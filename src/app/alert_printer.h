#pragma once

#include <mutex>

#include "alerts/book.h"

namespace sosie::app {

/// Shows received alerts on the terminal, a line each, as they come.
///
/// Threads: any.
class AlertPrinter {
 public:
  enum class Form { plain, coloured, json };
  explicit AlertPrinter(Form form) : form_(form) {}

  void show(const alerts::Alert& alert, alerts::Step step);

 private:
  const Form form_;
  std::mutex mutex_;
};

/// "2026-11-20 12:00:00Z  1 critical  Room1  temperature 31.5  Too warm  ×3", and what is not there
/// left out.
std::string line_of(const alerts::Alert& alert, alerts::Step step, AlertPrinter::Form form);

}  // namespace sosie::app
