#include "connectors/simulator/device.h"

#include <algorithm>

#include "base/log.h"

namespace sosie {
namespace {

constexpr Duration first_pause = std::chrono::milliseconds(250);
constexpr Duration longest_pause = std::chrono::seconds(15);
constexpr Duration worth_saying = std::chrono::seconds(2);  // this program's own begins a bit later

}  // namespace

void Device::know(std::span<const SeriesInfo> sensors, std::span<const SeriesId> ids) {
  sensors_.assign(sensors.begin(), sensors.end());
  ids_.assign(ids.begin(), ids.end());
}

const SeriesInfo& Device::info_of(SeriesId id) const {
  const auto found = std::ranges::find(ids_, id);
  return sensors_[static_cast<std::size_t>(found - ids_.begin())];
}

bool Device::send_surely(const std::string& entity, std::span<const context::Attribute> attributes,
                         Intake& intake, const std::stop_token& stop) {
  SystemClock clock;  // a network's pauses are not the plant's
  Duration pause = first_pause;
  while (!stop.stop_requested()) {
    const auto sent = publisher_.send(entity, attributes);
    if (sent) {
      if (is_away_) log::info("simulator", "{} takes readings again", publisher_.address().base);
      is_away_ = false;
      return true;
    }
    if (sent.error().code == Errc::invalid) {
      intake.refuse({.source = "simulator",
                     .reason = sent.error().what,
                     .sample = entity,
                     .where = publisher_.address().base});
      return true;
    }
    if (!is_away_ && pause >= worth_saying) {
      is_away_ = true;
      log::warning("simulator", "{}: {}; readings wait until it answers", publisher_.address().base,
                   sent.error().what);
    }
    clock.sleep(clock.now() + pause, stop);
    pause = std::min(2 * pause, longest_pause);
  }
  return false;
}

bool Device::send(std::span<const Reading> readings, Intake& intake, const std::stop_token& stop) {
  std::vector<context::Attribute> attributes;
  std::size_t i = 0;
  while (i < readings.size()) {
    const Timestamp at = readings[i].at;
    const std::string& entity = info_of(readings[i].series).entity;
    attributes.clear();
    for (; i < readings.size() && readings[i].at == at; ++i) {
      const SeriesInfo& info = info_of(readings[i].series);
      if (info.entity != entity) break;
      attributes.push_back(
          {.name = info.attribute, .value = readings[i].value, .at = at, .unit = info.unit});
    }
    if (!send_surely(entity, attributes, intake, stop)) return false;
  }
  return true;
}

}  // namespace sosie
