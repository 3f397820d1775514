#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/finding.h"
#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/instruments.h"

namespace sosie::wastewater {

/// One fault that is at work, or was. Plain values: its bytes are its state.
struct Fault {
  static constexpr std::size_t most_sensors = 24;

  std::uint64_t id = 0;
  std::uint32_t type = 0;    ///< index into fault_rows()
  std::int32_t target = -1;  ///< index into the type's targets, -1: none
  double size = 0;
  double side = 1;  ///< 1 or -1, where the size alone does not say which way
  Timestamp start;
  Timestamp cause_ends;
  Timestamp label_ends;  ///< later: the traces have gone too
  bool cancelled = false;
  bool announced = false;    ///< its label has been sent
  std::uint8_t sensors = 0;  ///< tampered with; 0 for faults of the process
  std::array<std::uint16_t, most_sensors> sensor{};
  std::array<double, most_sensors> level{};  ///< what an attacker pretends, per sensor
};

/// What a fault may act on, for one step.
struct Strike {
  const Fault& fault;
  double age_h = 0;
  double lasts_h = 0;
  Disturbance& process;
  std::span<Tamper> tampers;
  std::span<const SensorRow> rows;

  /// From 0 up to 1 in the first tenth, and down again in the last.
  double envelope() const;
};

/// Which sensors a fault tampers with.
enum class Reach : std::uint8_t {
  process,  ///< none: the process itself is struck
  one_sensor,
  several,  ///< `size` of them, of one stage, with the target among them
  stage,    ///< `size` of them; the targets are stages
  target,   ///< the targets are sensors
};

/// One kind of fault: how people call it, how large and long it is, whom it shows on, what it does.
/// Names and parameters follow the scenarios SF1 to CY8 (README.md).
struct FaultRow {
  std::string_view name;
  Kind kind;
  std::string_view en;
  std::string_view fr;
  std::string_view scenario_id{};  ///< SF1 to CY8; of our own: none
  std::string_view root_cause{};   ///< equipment or state; of sensors: none, they are the cause
  std::string_view mechanism{};
  std::string_view parameter{};  ///< what its size is
  Reach reach = Reach::process;
  std::span<const std::string_view> targets{};
  std::string_view unit{};
  double size_low = 0;  ///< that may be ordered
  double size_high = 0;
  double chance_low = 0;  ///< that chance draws; both 0: the same
  double chance_high = 0;
  double hours_low = 0.5;
  double hours_high = 2;
  double traces_h = 0;   ///< after the cause has ended
  double weight = 1;     ///< within its kind, for chance
  double void_low = 0;   ///< sizes that chance avoids, because they do little: from here
  double void_high = 0;  ///< to here
  std::span<const std::string_view> direct{};  ///< tags; sensor faults: found when it strikes
  std::span<const std::string_view> consequences{};
  /// Which sensors beside the first one it befalls; the first is asked about itself. None: any.
  bool (*suits)(const SensorRow& sensor, const SensorRow& first) = nullptr;
  bool misleads_loops = false;  ///< on a loop's sensor, the loop's followers are consequences
  void (*apply)(const Strike&) = nullptr;
};

std::span<const FaultRow> fault_rows();

/// Sensors that a control loop listens to, and the tags that follow when one of them lies.
struct LoopRow {
  std::string_view sensor;
  std::span<const std::string_view> followers;
};
std::span<const LoopRow> loop_rows();

}  // namespace sosie::wastewater
