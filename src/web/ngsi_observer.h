#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "twin/broker/broker.h"
#include "twin/live/newest_table.h"
#include "web/ngsi_events.h"
#include "web/ngsi_series.h"

namespace sosie::web {

/// Tells the broker of readings that came another way than NGSI, once they are committed, and turns
/// the clockwork of broker and events once a second.
///
/// It has a thread of its own, so neither lane nor journal wait for subscriptions. Where there are
/// none or it cannot keep up, and of a past that is made up, of each series only the newest reading
/// is told. Where there are none, the numbers of entities go into the journal once a minute and at
/// the end: they are in their series anyway.
class NgsiObserver final : public CommitListener {
 public:
  NgsiObserver(Engine& engine, const NgsiSeries& series, ngsi::Broker& broker, NgsiEvents& events)
      : engine_(engine), series_(series), broker_(broker), events_(events) {}

  void start();
  void stop();

  void committed(std::span<const Parcel> parcels) override;

 private:
  void run(const std::stop_token& stop);
  struct Round {
    std::vector<Reading> readings;
    bool is_newest_only = false;  ///< others were left out
  };
  Round take(const std::stop_token& stop);
  void tell_round(const std::stop_token& stop);
  bool has_subscriptions() const;
  bool has_some() const { return !waiting_.empty() || !newest_.empty(); }
  void leave_out_past(std::vector<Reading>& readings) const;
  void tell(std::span<const Reading> readings, const std::stop_token& stop);
  void tell_some(std::span<const Reading> readings, ngsi::Kept kept);
  void let_journal_come(const std::stop_token& stop) const;
  void keep_time();
  void keep_numbers(const std::stop_token& stop);
  void pause(Duration lasts, const std::stop_token& stop);
  const EntityName& entity_of(SeriesId series);
  const EntityName& find_entity(SeriesId series);
  bool is_past_being_made();

  Engine& engine_;
  const NgsiSeries& series_;
  ngsi::Broker& broker_;
  NgsiEvents& events_;
  std::mutex mutex_;
  std::condition_variable_any has_some_;
  std::vector<Reading> waiting_;
  NewestTable newest_;   ///< instead, when there are too many
  Timestamp newest_at_;  ///< of all that was committed
  // Its own thread's.
  NewestTable untold_;
  std::deque<EntityName> owners_;                ///< of series that have one
  std::map<std::string, EntityName> of_type_;    ///< of all others: without their id
  std::vector<const EntityName*> names_;         ///< by series; null: not known yet
  std::vector<ngsi::Observation> observations_;  ///< room
  std::chrono::steady_clock::time_point next_tick_;
  std::chrono::steady_clock::time_point next_keep_;
  Timestamp past_until_;                             ///< when a past was last seen to be made
  std::optional<Timestamp> past_end_;                ///< of the past that was made last
  std::chrono::steady_clock::time_point past_made_;  ///< when that was seen
  std::jthread thread_;
};

}  // namespace sosie::web
