#include "plants/wastewater/parallel_inlet.h"

#include <algorithm>
#include <cmath>

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double instrument_lag_h = 2.0 / 60;  // takes the edge off the noise
constexpr std::int32_t holds_steps = 180;      // 15 minutes
constexpr double fades_h = 1;
constexpr std::int32_t still_steps = 360;  // half an hour, and so many new values at least:
constexpr std::int32_t still_values = 20;

// Of rain, and of sewage without what urea brings.
constexpr double rain_salt = 60;
constexpr double rain_alk = 1.2;
constexpr double sewage_alk = 4.8;
constexpr double rain_oxygen = 6;
constexpr double rain_nitrate = 1;
constexpr double rain_inert = 5;
constexpr double alk_us_cm = 94.6;  // conductivity(): per mol/m3
constexpr double least_soluble = 2;
constexpr double most_off_usual = 0.15;  // of phosphate per sewage

using Place = Measured::Place;
constexpr std::array<Place, 3> flow_places{{{"FIT-101"}, {"FIT-201"}, {"FIT-801"}}};
constexpr std::array<Place, 2> celsius_places{{{"TIT-103"}, {"TIT-214"}}};
constexpr std::array<Place, 3> solids_places{
    {{"AIT-106-TSS"}, {"AIT-105-TURB", 1 / 0.75}, {"AIT-203-TSS"}}};
constexpr std::array<Place, 1> cod_places{{{"AIT-107-COD"}}};
constexpr std::array<Place, 1> ammonia_places{{{"AIT-109-NH4"}}};
constexpr std::array<Place, 1> ph_places{{{"AIT-102-PH"}}};
constexpr std::array<Place, 1> conductivity_places{{{"AIT-104-COND"}}};
constexpr std::array<Place, 1> oil_places{{{"AIT-110-HC"}}};
constexpr std::array<Place, 1> metal_places{{{"AIT-111-HM"}}};

}  // namespace

Measured::Measured(std::span<const Place> places, double lag_h, std::span<const SensorRow> rows)
    : per_step_(lag_coefficient(lag_h)) {
  for (const Place& place : places) {
    const auto row = std::ranges::find_if(
        rows, [&](const SensorRow& one) { return one.info.entity == place.tag; });
    if (row == rows.end()) continue;
    rows_.at(count_) = static_cast<std::size_t>(row - rows.begin());
    factors_.at(count_) = place.factor;
    low_.at(count_) = row->low;
    high_.at(count_) = row->high;
    still_limit_.at(count_) = std::max(still_steps, still_values * row->every_steps);
    ++count_;
  }
}

/// The reading as the quantity, NaN where it is not to be believed.
double Measured::read(std::size_t i, double value) {
  if (std::isnan(value)) return no_reading;
  std::int32_t& still = state_.still_steps.at(i);
  still = value == state_.last.at(i) ? still + 1 : 0;
  state_.last.at(i) = value;
  const bool is_at_end = value <= low_.at(i) || value >= high_.at(i);
  return is_at_end || still > still_limit_.at(i) ? no_reading : value * factors_.at(i);
}

/// Of three the middle one; of two the first, which is nearest to the inlet.
double Measured::middle(std::span<const double> values) {
  std::array<double, most> known{};
  std::size_t n = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const double value = read(i, values[rows_.at(i)]);
    if (!std::isnan(value)) known.at(n++) = value;
  }
  if (n == 0) return no_reading;
  if (n < most) return known.front();
  std::ranges::sort(known);
  return known.at(1);
}

void Measured::step(std::span<const double> values, double usual) {
  const double now = middle(values);
  if (!state_.has_begun) {
    state_.has_begun = true;
    state_.value = std::isnan(now) ? usual : now;
  }
  state_.silent_steps = std::isnan(now) ? state_.silent_steps + 1 : 0;
  if (state_.silent_steps == 0) {
    state_.value += per_step_ * (now - state_.value);
  } else if (state_.silent_steps > holds_steps) {
    state_.value += lag_coefficient(fades_h) * (usual - state_.value);
    state_.silent_steps = holds_steps + 1;
  }
}

ParallelInlet::ParallelInlet(std::span<const SensorRow> rows, const Departure& departure)
    : departure_(departure) {
  const auto add = [&](std::span<const Place> places) {
    measured_.emplace_back(places, instrument_lag_h, rows);
  };
  measured_.reserve(quantities);
  add(flow_places);
  add(celsius_places);
  add(solids_places);
  add(cod_places);
  add(ammonia_places);
  add(ph_places);
  add(conductivity_places);
  add(oil_places);
  add(metal_places);
}

std::vector<std::size_t> ParallelInlet::believed() const {
  std::vector<std::size_t> all;
  for (const Measured& one : measured_) {
    const auto rows = one.believed();
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

Water ParallelInlet::water(const Water& usual) const {
  Water w = with_solids(usual, at(solids).value() / std::max(tss(usual), 1.0));
  w[xnd] *= departure_.organic_nitrogen;
  w[temperature] = at(celsius).value();
  w[snh] = at(ammonia).value();
  const double of_usual = w[snh] / std::max(usual[snh], 0.1);
  const double urea_alk = w[snh] / 14;
  const auto of_ions = [](const Water& water) {
    return conductivity(water) - water[salt] - alk_us_cm * water[alk];
  };
  w[po4] *= of_usual;
  Water no_nitrate = w;
  no_nitrate[sno] = 0;
  const double plain = at(conducts).value() - of_ions(no_nitrate) - alk_us_cm * urea_alk;
  const double of_rain = rain_salt + alk_us_cm * rain_alk;
  const double of_sewage = usual[salt] + alk_us_cm * sewage_alk;
  const double sewage = std::clamp((plain - of_rain) / (of_sewage - of_rain), 0.0, 1.0);
  // A spill of ammonia brings neither phosphate nor organic nitrogen.
  const double urea =
      std::clamp(of_usual, (1 - most_off_usual) * sewage, (1 + most_off_usual) * sewage);
  w[po4] = usual[po4] * urea * departure_.phosphate;
  w[snd] *= urea * departure_.organic_nitrogen;
  const double plain_alk = rain_alk + sewage * (sewage_alk - rain_alk);
  w[alk] = plain_alk + urea_alk;
  w[salt] = std::max(plain - alk_us_cm * plain_alk, 0.0);
  w[so] = (1 - sewage) * rain_oxygen;
  w[sno] = (1 - sewage) * rain_nitrate;
  w[si] = departure_.inert * (rain_inert + sewage * (usual[si] - rain_inert));
  w[ss] = 0;
  w[ss] = std::max(at(oxygen_demand).value() - cod(w), least_soluble);

  w[co2] = 1;
  w[co2] = std::pow(10.0, ph(w) - at(acidity).value());
  w[hydrocarbon] = std::max(at(oil).value(), 0.0);
  w[metal_free] = std::max(at(metals).value(), 0.0);
  w[metal_bound] = 0;
  share_metal(w);
  return w;
}

void ParallelInlet::step(std::span<const double> values, const Stream& usual) {
  const Water& u = usual.water;
  const std::array<double, quantities> usually{usual.flow_m3_h, u[temperature], tss(u),
                                               cod(u),          u[snh],         ph(u),
                                               conductivity(u), u[hydrocarbon], total_metal(u)};
  for (std::size_t q = 0; q < quantities; ++q) measured_[q].step(values, usually.at(q));
  stream_ = {std::max(at(flow).value(), 1.0), water(u)};
}

std::array<Measured::State, ParallelInlet::quantities> ParallelInlet::state() const {
  std::array<Measured::State, quantities> states;
  for (std::size_t q = 0; q < quantities; ++q) states.at(q) = measured_[q].state();
  return states;
}

void ParallelInlet::go_on_from(const std::array<Measured::State, quantities>& states) {
  for (std::size_t q = 0; q < quantities; ++q) measured_[q].go_on_from(states.at(q));
}

}  // namespace sosie::wastewater
