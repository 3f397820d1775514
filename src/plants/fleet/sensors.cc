#include "plants/fleet/sensors.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::fleet {
namespace {

struct About {
  const char* attribute;
  const char* en;
  const char* fr;
  const char* unit;
  double low;
  double high;
};
/// In the order of Quantity.
constexpr std::array<About, quantities> about{{
    {"temperature", "drive temperature", "température du moteur", "°C", -40, 200},
    {"humidity", "air humidity", "humidité de l'air", "%", 0, 100},
    {"speed", "speed", "vitesse", "km/h", 0, 200},
    {"load", "load", "charge du moteur", "%", 0, 100},
    {"battery", "battery", "batterie", "%", 0, 100},
    {"latitude", "latitude", "latitude", "°", -90, 90},
    {"longitude", "longitude", "longitude", "°", -180, 180},
}};

}  // namespace

const char* attribute_of(Quantity quantity) {
  return about[static_cast<std::size_t>(quantity)].attribute;
}

SeriesInfo described(const Register& names, std::size_t device, Quantity quantity,
                     const std::string& asset) {
  const About& what = about[static_cast<std::size_t>(quantity)];
  const Traits& kind = traits[static_cast<std::size_t>(names.kind(device))];
  SeriesInfo info;
  info.entity = names.name(device);
  info.attribute = what.attribute;
  info.asset = asset;
  info.stage = kind.stage;
  info.stage_name = {kind.en, kind.fr};
  info.quantity = {what.en, what.fr};
  info.unit = what.unit;
  info.low = what.low;
  info.high = what.high;
  return info;
}

Result<Target> sensor_named(std::string_view name, const Register& names) {
  const auto dot = name.find('.');
  Target target;
  target.device = TRY(names.find(name.substr(0, dot)));
  if (dot == std::string_view::npos) return target;
  const auto attribute = name.substr(dot + 1);
  std::array<std::string_view, quantities> known;
  for (std::size_t i = 0; i < quantities; ++i) {
    known.at(i) = about.at(i).attribute;
    if (attribute == known.at(i)) target.quantity = static_cast<Quantity>(i);
  }
  if (target.quantity) return target;
  const auto near = nearest(attribute, known);
  return Error{Errc::not_found,
               fmt::format("target '{}' is no sensor{}", name,
                           near ? fmt::format("; did you mean '{}'?", *near) : std::string())};
}

}  // namespace sosie::fleet
