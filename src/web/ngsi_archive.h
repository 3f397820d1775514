#pragma once

#include "engine/engine.h"
#include "twin/broker/archive.h"
#include "web/ngsi_series.h"

namespace sosie::web {

/// The broker's past, from the journal.
///
/// Threads: any. Waits for what is being committed, some seconds at most.
class NgsiArchive final : public ngsi::Archive {
 public:
  NgsiArchive(Engine& engine, const NgsiSeries& series) : engine_(engine), series_(series) {}

  Result<void> earlier(std::string_view prefix, Timestamp instant, const Take& take) const override;
  Result<Number> number(const Question& question) const override;

 private:
  Engine& engine_;
  const NgsiSeries& series_;
};

}  // namespace sosie::web
