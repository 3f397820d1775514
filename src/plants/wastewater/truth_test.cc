#include <algorithm>
#include <cmath>
#include <map>

#include "plants/wastewater/fault_types.h"
#include "plants/wastewater/rig.h"

namespace sosie::wastewater {
namespace {

/// The same plant with and without a fault: where the two part, the fault shows. Their noise is the
/// same, so that the difference is the fault's alone.
class Truth {
 public:
  Truth() : rows_(*read_sensor_list(SOSIE_ROOT "/scenarios/traffeyere/sensors.csv", "t")) {
    station_.live(7 * steps_an_hour);  // nine o'clock in France
    nine_ = station_.plant->save();
    for (int i = 0; i < 6 * steps_an_hour + 1; ++i) {
      station_.step();
      normal_.push_back(station_.values);
    }
  }

  /// Per tag: the share of the label's time in which it is off by more than six times its noise.
  std::map<std::string, double> shares(const std::string& fault, const std::string& target,
                                       std::optional<double> size, double lasts_h) {
    REQUIRE(station_.plant->load(nine_));
    station_.inject(fault, target, size, Duration(static_cast<Duration::rep>(lasts_h * 3600e6)));
    std::vector<int> off(rows_.size());
    std::size_t steps = 0;
    for (; !station_.plant->running().empty(); ++steps) {
      station_.step();
      REQUIRE(steps < normal_.size());
      for (std::size_t k = 0; k < rows_.size(); ++k) {
        const double noise = rows_[k].noise_sd > 0 ? rows_[k].noise_sd : 0.1;
        off[k] += std::abs(station_.values[k].value - normal_[steps][k].value) > 6 * noise ? 1 : 0;
      }
    }
    std::map<std::string, double> shares;
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      shares[rows_[k].info.entity] = static_cast<double>(off[k]) / static_cast<double>(steps);
    }
    return shares;
  }

 private:
  std::vector<SensorRow> rows_;
  Station station_;
  std::string nine_;
  std::vector<std::vector<PlantValue>> normal_;
};

bool has(std::span<const std::string_view> tags, const std::string& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

TEST_CASE("faults: labels tell the truth: what they name moves, and what moves long they name") {
  Truth truth;
  for (const FaultRow& row : fault_rows()) {
    if (row.reach != Reach::process) continue;
    CAPTURE(row.name);
    std::optional<double> size;
    if (row.size_high > row.size_low) {
      const double low = row.chance_high > 0 ? row.chance_low : row.size_low;
      const double high = row.chance_high > 0 ? row.chance_high : row.size_high;
      size = ((row.void_high > 0 ? row.void_high : low) + high) / 2;
    }
    const auto shares =
        truth.shares(std::string(row.name), "", size, (row.hours_low + row.hours_high) / 2);
    for (const std::string_view tag : row.consequences) {
      CAPTURE(tag);
      CHECK(shares.at(std::string(tag)) >= 0.1);
    }
    for (const auto& [tag, share] : shares) {
      if (has(row.consequences, tag) || has(row.direct, tag)) continue;
      CAPTURE(tag);
      CHECK(share < 0.4);
    }
    // A manipulated dose is not seen on its meter: that is the attack.
    if (row.kind == Kind::cyber_attack) continue;
    for (const std::string_view tag : row.direct) {
      CAPTURE(tag);
      CHECK(shares.at(std::string(tag)) >= 0.2);
    }
  }
}

TEST_CASE("faults: a lie in a loop moves what the loop drives") {
  Truth truth;
  struct Case {
    const char* sensor;
    double size_pct;
  };
  for (const Case& c :
       {Case{"AIT-306-DO", 10}, {"AIT-310-NO3", 6}, {"AIT-502-PO4", 10}, {"AIT-601-CL2", 6}}) {
    const auto loops = loop_rows();
    const auto loop = std::find_if(loops.begin(), loops.end(),
                                   [&](const LoopRow& row) { return row.sensor == c.sensor; });
    REQUIRE(loop != loops.end());
    const auto shares = truth.shares("bias", c.sensor, c.size_pct, 5);
    for (const std::string_view tag : loop->followers) {
      CAPTURE(c.sensor);
      CAPTURE(tag);
      CHECK(shares.at(std::string(tag)) >= 0.1);
    }
  }
}

}  // namespace
}  // namespace sosie::wastewater
