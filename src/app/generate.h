#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "generating/generator.h"

namespace sosie::app {

/// What `sosie simulate` is asked for where a scenario says what its devices' messages look like.
struct GenerateOptions {
  std::string rate;  ///< messages a second, or "max"; empty: by the plant's time
  std::optional<std::uint64_t> devices;
  std::optional<std::uint64_t> count;
  std::optional<double> late;
  std::optional<double> duplicate;
  std::optional<double> out_of_order;
  std::optional<double> cut;
  std::string expect;  ///< "temperature>80"
  std::string counts;  ///< a file

  /// Whether anything was asked that only messages by a template can give.
  bool is_asked() const {
    return !rate.empty() || count || late || duplicate || out_of_order || cut || !expect.empty() ||
           !counts.empty();
  }
};

/// Before the plant is started: as many devices as were asked for, and where a rate was and no
/// speed, the period with which they send that many messages by the clock. Errors: no such number.
Result<void> scale(Plant& plant, const GenerateOptions& options, bool has_speed);

/// The scenario's mishaps, changed by the options, and the orders. Errors: no such share or rate.
Result<generating::Generator::Orders> orders_of(const GenerateOptions& options, const Plant& plant,
                                                generating::MessageConfig& config);

/// Sends, with a progress line on a terminal, and tells the counts at the end.
Result<void> generate(Plant& plant, const generating::MessageConfig& config,
                      generating::Generator::Orders orders, const GenerateOptions& options,
                      const std::string& to, LabelSink& labels, const std::stop_token& stop);

}  // namespace sosie::app
