#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "core/source.h"
#include "wire/http/client.h"
#include "wire/ngsi/address.h"
#include "wire/ngsi/measures.h"

namespace sosie::context {

/// Asks an NGSI v2 broker for its entities again and again, and brings their numeric attributes in
/// as readings: each value once, at the time that the broker gives it.
class Poller final : public Source {
 public:
  struct Config {
    std::string name = "ngsi";
    Address address;
    std::vector<std::string> ids;
    std::string id_pattern;
    std::vector<std::string> attrs;  ///< empty: all
    std::string q;
    Duration interval = std::chrono::seconds(10);
    std::chrono::milliseconds timeout{10'000};
    std::int64_t page = 200;
  };

  explicit Poller(Config config) : config_(std::move(config)) {}

  Result<void> run(Intake& intake, std::stop_token stop) override;
  SourceState state() const override;

 private:
  std::string query(std::size_t offset) const;
  Result<std::size_t> ask_page(std::size_t offset, Intake& intake);
  Result<void> ask_all(Intake& intake, const std::stop_token& stop);
  void take(const Measure& measure, Timestamp now, Intake& intake);
  void remember(Intake& intake) const;
  void recall(Intake& intake);

  const Config config_;
  mutable Guarded<SourceState> state_;  ///< its trouble: why the last round brought nothing
  http::Client client_;
  std::map<std::string, Timestamp, std::less<>> newest_;  ///< by "entity\tattribute"
  std::vector<Reading> batch_;
};

}  // namespace sosie::context
