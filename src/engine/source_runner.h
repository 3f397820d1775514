#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "base/guarded.h"
#include "engine/door.h"
#include "engine/plan.h"

namespace sosie {

/// Runs one source on a thread of its own, and again, after a pause that grows to half a minute,
/// when it ends with an Error.
class SourceRunner {
 public:
  SourceRunner(NamedSource named, const DoorContext& context)
      : named_(std::move(named)), door_(context) {}

  void start();
  void request_stop() { thread_.request_stop(); }
  void join();

  bool has_ended() const { return ended_.load(std::memory_order_acquire); }
  SourceStatus status() const;
  Source& source() const { return *named_.source; }

 private:
  void run(const std::stop_token& stop);
  void say(std::string state, std::string error);

  NamedSource named_;
  Door door_;
  struct Said {
    std::string state = "waiting";
    std::string error;
  };
  mutable Guarded<Said> said_;
  std::atomic<bool> ended_{false};
  std::atomic<std::uint64_t> troubles_{0};  ///< ends with an Error
  std::jthread thread_;
};

}  // namespace sosie
