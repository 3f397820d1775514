#include "web/device_board.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr double per_degree = 1e7;
constexpr unsigned acknowledged_bit = 3;
constexpr unsigned quality_bit = 4;
constexpr unsigned value_quality_bit = 6;

template <class Number>
void append(std::string& out, Number number) {
  static_assert(std::endian::native == std::endian::little);
  const auto bytes = std::bit_cast<std::array<char, sizeof(Number)>>(number);
  out.append(bytes.data(), bytes.size());
}

/// A hash of both (the finalizer of SplitMix64).
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t bits = a * 0x9e3779b97f4a7c15U + b;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  return bits ^ (bits >> 27U);
}

bool is_on_earth(double latitude, double longitude) {
  return std::abs(latitude) <= 90 && std::abs(longitude) <= 180;
}

bool outranks(const Alarm& alarm, DeviceBoard::Trouble known) {
  const auto priority = static_cast<std::uint8_t>(alarm.priority);
  if (known.priority == 0 || priority != known.priority) {
    return known.priority == 0 || priority < known.priority;
  }
  return known.acknowledged && !alarm.is_acknowledged();
}

}  // namespace

void DeviceBoard::take(std::span<const Alarm> alarms) {
  troubles_.assign(table_.size(), {});
  for (const Alarm& alarm : alarms) {
    if (!alarm.series || alarm.is_shelved()) continue;
    const auto device = table_.device_of(*alarm.series);
    if (!device || !outranks(alarm, troubles_[*device])) continue;
    troubles_[*device] = {static_cast<std::uint8_t>(alarm.priority), alarm.is_acknowledged()};
  }
}

std::optional<Timestamp> DeviceBoard::newest(DeviceTable::Index device) const {
  return look_at(device).newest;
}

DeviceBoard::Known DeviceBoard::look_at(DeviceTable::Index device) const {
  Known known;
  for (const SeriesId id : table_.series_of(device)) {
    const auto reading = latest_.read(id);
    if (!reading) continue;
    if (!known.newest || reading->at > *known.newest) known.newest = reading->at;
    known.mark =
        mixed(known.mark, static_cast<std::uint64_t>(reading->at.time_since_epoch().count()));
    known.mark = mixed(known.mark, std::bit_cast<std::uint64_t>(reading->value));
  }
  return known;
}

std::optional<Reading> DeviceBoard::value(DeviceTable::Index device,
                                          std::optional<std::uint16_t> attribute) const {
  const auto id = attribute ? table_.series_of(device, *attribute) : std::nullopt;
  return id ? latest_.read(*id) : std::nullopt;
}

DeviceBoard::Spot DeviceBoard::spot(DeviceTable::Index device) const {
  const auto& known = table_[device];
  const auto latitude = latest_.read({known.latitude});
  const auto longitude = latest_.read({known.longitude});
  if (!latitude || !longitude || !is_on_earth(latitude->value, longitude->value)) return {};
  const auto quality = std::max(latitude->quality, longitude->quality);
  const Trouble alarm = trouble(device);
  const Known now = look_at(device);
  return {static_cast<std::int32_t>(std::lround(latitude->value * per_degree)),
          static_cast<std::int32_t>(std::lround(longitude->value * per_degree)),
          static_cast<std::uint32_t>(to_ms(now.newest.value_or(latitude->at)) / 1000),
          alarm.priority | (alarm.acknowledged ? 1U << acknowledged_bit : 0U) |
              static_cast<unsigned>(quality) << quality_bit,
          now.mark};
}

/// What is another than told gets the next version.
void DeviceBoard::look() {
  const auto& placed = table_.placed();
  told_.resize(std::min(placed.size(), most_on_map));
  bool has_changed = false;
  for (std::size_t i = 0; i < told_.size(); ++i) {
    const Spot now = spot(placed[i]);
    if (now.at_s == 0 || now == told_[i].spot) continue;
    told_[i] = {now, version_ + 1};
    has_changed = true;
  }
  if (has_changed) ++version_;
}

std::string DeviceBoard::places_since(std::uint64_t version, Timestamp now,
                                      std::optional<std::string_view> attribute) {
  look();
  const auto wanted = attribute ? table_.attribute(*attribute) : std::nullopt;
  std::string records;
  for (std::size_t i = 0; i < told_.size(); ++i) {
    const auto& [spot, changed] = told_[i];
    if (spot.at_s == 0 || changed <= version) continue;
    const auto reading = value(table_.placed()[i], wanted);
    const auto quality = static_cast<unsigned>(reading ? reading->quality : Quality::good);
    append(records, table_.placed()[i]);
    append(records, spot.latitude);
    append(records, spot.longitude);
    append(records, spot.at_s);
    append(records, spot.state | quality << value_quality_bit);
    if (!attribute) continue;
    append(records,
           reading ? static_cast<float>(reading->value) : std::numeric_limits<float>::quiet_NaN());
  }
  const auto size = attribute ? valued_record_bytes : record_bytes;
  std::string out;
  out.reserve(head_bytes + records.size());
  append(out, static_cast<double>(version_));
  append(out, static_cast<double>(to_ms(now)));
  append(out, static_cast<std::uint32_t>(table_.placed().size()));
  append(out, static_cast<std::uint32_t>(records.size() / size));
  return out + records;
}

}  // namespace sosie::web
