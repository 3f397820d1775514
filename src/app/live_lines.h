#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <variant>

#include "engine/commit_listener.h"
#include "engine/engine.h"

namespace sosie::app {

/// One line a reading on the terminal, and one a step of an alarm: when, what, how much, and
/// whether it is beyond a limit in force, in colour and with a mark:
///
///     14:20:02  Sensor-LARI-01.energy         9.58 kWh   ✔ normal
///     14:20:04  Sensor-LARI-01.energy        13.10 kWh   ▲ above 12
///     14:20:04  ■ medium, raised: energy of Sensor-LARI-01 is above its limit …
///
/// It has a thread of its own: a terminal that stands still (Ctrl-S) holds up nothing, and how many
/// lines were lost meanwhile is said. Threads: one at a time, but `committed`.
class LiveLines final : public CommitListener {
 public:
  struct Options {
    bool colour = false;
    bool french = false;
  };

  /// Shows what `[terminal] watch` names, or else the series that have a limit, or else all.
  LiveLines(Engine& engine, Options options);
  ~LiveLines() override;
  LiveLines(const LiveLines&) = delete;
  LiveLines& operator=(const LiveLines&) = delete;

  void committed(std::span<const Parcel> parcels) override;

  /// Whether the person at the terminal reads French, by LC_ALL, LC_MESSAGES or LANG.
  static bool speaks_french();

 private:
  using Item = std::variant<Reading, AlarmEvent>;

  void run(const std::stop_token& stop);
  void add(Item item);
  bool is_watched(SeriesId series) const;
  bool has_alarm(SeriesId series) const;
  std::string clock_time(Timestamp at) const;
  std::string line(const Reading& reading) const;
  std::string line(const AlarmEvent& event) const;

  Engine& engine_;
  const Options options_;
  const Timestamp since_;  ///< a past that is made up or caught up with is not shown
  std::mutex mutex_;
  std::condition_variable_any has_some_;
  std::deque<Item> waiting_;
  std::size_t missed_ = 0;
  std::jthread thread_;
};

}  // namespace sosie::app
