#include <cassert>
#include <span>

#include "base/text.h"
#include "plants/wastewater/influent_file.h"
#include "wire/csv/reader.h"

// The files of golden/bsm1, put into the program by room.cmake.
extern "C" {
extern const char sosie_bsm1_dry[];
extern const char sosie_bsm1_dry_end[];
extern const char sosie_bsm1_weather[];
extern const char sosie_bsm1_weather_end[];
}

namespace sosie::bsm1 {
namespace {

/// One row of weather_modifiers.csv: sample, t, Q added by rain, by storm, the storm's first flush
/// (a factor of XI, XS, XBH, XND).
struct Modifier {
  std::size_t sample = 0;
  double rain_m3_d = 0;
  double storm_m3_d = 0;
  std::array<double, 4> flush{};
};

std::vector<Modifier> modifiers() {
  auto reader = csv::Reader::of(std::string(sosie_bsm1_weather, sosie_bsm1_weather_end));
  std::vector<Modifier> found;
  csv::Row row;
  for (auto more = reader.next(row); more && *more; more = reader.next(row)) {
    const auto number = [&](std::size_t i) { return to_number(row.fields[i]).value_or(0); };
    if (row.fields.size() != 8 || !to_number(row.fields[0])) continue;  // the header
    found.push_back({.sample = static_cast<std::size_t>(number(0)),
                     .rain_m3_d = number(2),
                     .storm_m3_d = number(3),
                     .flush = {number(4), number(5), number(6), number(7)}});
  }
  return found;
}

/// Rain brings water and no load; alkalinity stays (rain water's is as high).
void dilute(Inflow& inflow, double added_m3_d) {
  const double share = inflow.m3_d / (inflow.m3_d + added_m3_d);
  for (std::size_t c = 0; c < components; ++c) {
    if (c != salk) inflow.water[c] *= share;
  }
  inflow.m3_d += added_m3_d;
}

Influent dry_weather() {
  auto read = parse_influent(std::string(sosie_bsm1_dry, sosie_bsm1_dry_end), "dry weather");
  assert(read);
  return std::move(read).value();
}

Influent wet_weather(BenchmarkWeather weather) {
  Influent influent = dry_weather();
  const bool storm = weather == BenchmarkWeather::storm;
  influent.name = storm ? "storm weather" : "rain weather";
  for (const Modifier& m : modifiers()) {
    Inflow& inflow = influent.rows[m.sample].inflow;
    dilute(inflow, storm ? m.storm_m3_d : m.rain_m3_d);
    if (!storm) continue;
    constexpr std::array<Component, 4> flushed{xi, xs, xbh, xnd};
    for (std::size_t k = 0; k < flushed.size(); ++k) inflow.water[flushed[k]] *= m.flush[k];
  }
  return influent;
}

}  // namespace

std::optional<BenchmarkWeather> weather_of(std::string_view name) {
  if (name == "dry") return BenchmarkWeather::dry;
  if (name == "rain") return BenchmarkWeather::rain;
  if (name == "storm") return BenchmarkWeather::storm;
  return {};
}

const Influent& benchmark_influent(BenchmarkWeather weather) {
  static const Influent dry = dry_weather();
  static const Influent rain = wet_weather(BenchmarkWeather::rain);
  static const Influent storm = wet_weather(BenchmarkWeather::storm);
  if (weather == BenchmarkWeather::rain) return rain;
  return weather == BenchmarkWeather::storm ? storm : dry;
}

}  // namespace sosie::bsm1
