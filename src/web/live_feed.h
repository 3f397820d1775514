#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/reading.h"
#include "engine/engine.h"
#include "web/http.h"
#include "web/pulse.h"

namespace sosie::web {

/// Tells open pages what has changed, twice a second at most: event `values` when there are new
/// ones, event `status` when something in it changed, and at least once a second.
///
/// One thread composes for all pages. A page that does not read is dropped (see EventStream).
/// Threads: `subscribe` and `pages` from any.
class LiveFeed {
 public:
  /// `received`: the version of the list of received alerts.
  LiveFeed(Engine& engine, Pulse& pulse, std::function<std::uint64_t()> received)
      : engine_(engine), pulse_(pulse), received_(std::move(received)) {}

  void start();
  void stop();

  /// No series: all of them, also those that are declared later. What it asked for is sent at once.
  std::shared_ptr<EventStream> subscribe(std::optional<std::vector<SeriesId>> series);
  std::size_t pages() const;

 private:
  /// What a page has been told of a series.
  struct Told {
    Timestamp at{};
    double value = 0;
    Quality quality = Quality::good;
    bool ever = false;
  };
  struct Page {
    std::shared_ptr<EventStream> events;  ///< shared with its connection
    std::optional<std::vector<SeriesId>> series;
    std::vector<Told> told;  ///< by place in `series`, or by id
    std::string marks;       ///< what the last status said that is no clock
    int quiet_ticks = 0;     ///< since the last status
  };
  struct Status {
    std::string json;
    std::string marks;
  };

  void run(const std::stop_token& stop);
  void tick();
  bool tell(Page& page, const Status& status) const;
  std::string values_for(Page& page) const;
  Status status() const;

  Engine& engine_;
  Pulse& pulse_;
  const std::function<std::uint64_t()> received_;
  mutable std::mutex mutex_;
  std::vector<Page> pages_;
  std::jthread thread_;
};

}  // namespace sosie::web
