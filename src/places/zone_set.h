#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/section.h"
#include "core/zoning.h"
#include "places/zones.h"

namespace sosie::places {

/// One `[[zones]]` of a scenario: zones with a name, and the file they came from for those who draw
/// them.
class ZoneSet final : public Zoning {
 public:
  struct About {
    std::string name;         ///< "districts"
    ZoneKeys keys;            ///< the properties by which a page finds ids in `geojson`
    std::string attribution;  ///< whose data they are, as the licence wants it shown; may be empty
    std::string geojson;      ///< the file as it is, or the rest of it where zones were left out
  };

  ZoneSet(About about, Zones zones) : about_(std::move(about)), zones_(std::move(zones)) {}

  const About& about() const { return about_; }
  /// What of the file is no zone, and why.
  const std::vector<Zones::LeftOut>& left_out() const { return zones_.left_out(); }

  const std::string& name() const override { return about_.name; }
  std::size_t size() const override { return zones_.size(); }
  const Named& operator[](std::size_t zone) const override { return zones_[zone]; }
  std::optional<std::uint32_t> zone_at(double longitude, double latitude) const override {
    return zones_.zone_of({longitude, latitude});
  }

 private:
  About about_;
  Zones zones_;
};

/// Shared: operators and pages have them, and they never change.
using ZoneSets = std::vector<std::shared_ptr<const ZoneSet>>;

/// What the log says of zones that overlap, a sentence each.
std::vector<std::string> overlaps_told(const Zones& zones);

/// All `[[zones]]` of a scenario. A zone that cannot be one is left out, with a warning in the log;
/// one that overlaps another stays, with a warning too. Errors: as Section's and Zones'; a name
/// twice; a file that cannot be read.
Result<ZoneSets> read_zones(Section& scenario);

}  // namespace sosie::places
