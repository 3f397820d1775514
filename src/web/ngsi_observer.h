#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>
#include <unordered_map>
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
/// is told.
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
  void tell(const std::vector<Reading>& readings);
  const EntityName& entity_of(SeriesId series);
  std::string type_of(const std::string& id);
  bool is_past_being_made() const;

  Engine& engine_;
  const NgsiSeries& series_;
  ngsi::Broker& broker_;
  NgsiEvents& events_;
  std::mutex mutex_;
  std::condition_variable_any has_some_;
  std::vector<Reading> waiting_;
  NewestTable newest_;  ///< instead, when there are too many
  // Its own thread's.
  NewestTable untold_;
  std::deque<EntityName> kept_;
  std::vector<const EntityName*> names_;  ///< by series; null: not known yet
  std::unordered_map<std::string_view, const EntityName*> of_entity_;  ///< by the table's texts
  Timestamp past_until_;  ///< when a past was last seen to be made
  std::jthread thread_;
};

}  // namespace sosie::web
