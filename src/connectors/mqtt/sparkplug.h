#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/mqtt/interpreter.h"
#include "connectors/mqtt/pattern.h"
#include "core/section.h"
#include "wire/sparkplug/host.h"

namespace sosie::mqtt {

/// A Sparkplug B host application: edge nodes and devices tell of themselves, and of their death.
///
/// The last values of who has died come again with a bad quality (not_connected). Who has to tell
/// of itself again is asked to by an NCMD. With a `host_id` it says itself whether it is there, so
/// that edge nodes which store and forward know (STATE, Sparkplug 3.0, 6.3).
///
/// Memory: a name and a handle a metric. Threads: one at a time.
class SparkplugInterpreter final : public Interpreter {
 public:
  SparkplugInterpreter(Template entity, Template attribute, std::string host_id);

  void connecting(Config& client, Timestamp now) override;
  std::optional<Reply> last_word(Timestamp now) const override;
  Result<void> read(const Message& message, Intake& intake, std::vector<Reading>& out) override;
  std::vector<Reply> take_replies() override { return std::exchange(replies_, {}); }

 private:
  Result<SeriesId> series_of(std::size_t channel, Intake& intake);
  Result<void> put(const std::vector<sparkplug::Changes::Value>& values, Reading like,
                   Intake& intake, std::vector<Reading>& out);

  const Template entity_;
  const Template attribute_;
  const std::string host_id_;
  sparkplug::Host host_;
  sparkplug::Changes changes_;
  std::vector<std::optional<SeriesId>> series_;  ///< by channel
  std::vector<Reply> replies_;
};

/// Takes `topics`, `entity`, `attribute` and `host_id`.
Result<Interpretation> read_sparkplug(Section& section);

}  // namespace sosie::mqtt
