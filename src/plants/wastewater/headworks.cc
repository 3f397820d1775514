#include "plants/wastewater/headworks.h"

#include "plants/wastewater/design.h"

namespace sosie::wastewater {
namespace {

constexpr double well_area_m2 = 60;
constexpr double crest_m = 5.7;
constexpr double pumps_start_m = 1.2;
constexpr double pumped_per_metre_m3_h = 868;
constexpr double pump_capacity_m3_h = 4300;
constexpr double grit_chamber_m3 = 150;
constexpr double oil_kept = 0.6;  // with the grease

// Head loss of a clean screen, mbar, and when the rake comes: by a timer, and sooner where the
// screen has clogged so far. The timer does not mind, so that a fault leaves no other rhythm
// behind.
constexpr double clean_loss_mbar = 5.1;
constexpr double rake_every_h = 0.5;
constexpr double rake_at_clog = 0.30;
constexpr double raked_clog = 0.04;
constexpr double clog_per_h = 0.45;

constexpr double lift_head_m = 6;
constexpr double screens_kw = 3;
constexpr double grit_blower_kw = 9;

}  // namespace

/// A second channel opens when the flow is twice the normal one, and closes with a hysteresis.
void Headworks::screen(double flow_m3_h, double clogging_speed) {
  const double ratio = flow_m3_h / (mean_influent_m3_h * scale_);
  if (ratio > 2.0) open_screens_ = 2;
  if (ratio < 1.4) open_screens_ = 1;
  clog_ += step_h * clog_per_h * clogging_speed * ratio / open_screens_;
  since_rake_h_ += step_h;
  const bool is_time = since_rake_h_ >= rake_every_h;
  if (is_time) since_rake_h_ -= rake_every_h;
  // A rake that cannot keep up leaves the screen half full.
  const bool keeps_up = clogging_speed <= 1;
  if (is_time || clog_ > (keeps_up ? rake_at_clog : 0.62)) {
    clog_ = keeps_up ? raked_clog : rake_at_clog;
  }
  const double speed = ratio / open_screens_ / (1 - clog_);
  screen_loss_mbar_ = clean_loss_mbar * speed * speed;
}

void Headworks::lift(double flow_m3_h, const Disturbance& d, const Rota& pump) {
  // Four pumps share the duty; without P-101 the three others do.
  const double pumps = d.lift_pump_failed ? 0.75 : 0.75 + 0.25 * pump.level();
  const double wanted = pumped_per_metre_m3_h * scale_ * std::max(level_m_ - pumps_start_m, 0.0);
  pumped_m3_h_ = pumps * std::min(wanted, pump_capacity_m3_h * scale_);
  const double rise_m = step_h * (flow_m3_h - pumped_m3_h_) / (well_area_m2 * scale_);
  level_m_ += rise_m;
  overflow_m3_h_ = 0;
  if (level_m_ > crest_m) {
    overflow_m3_h_ = (level_m_ - crest_m) * well_area_m2 * scale_ / step_h;
    level_m_ = crest_m;
  }
  if (level_m_ > pumps_start_m) pump_state_ = 1;
  if (level_m_ < pumps_start_m - 0.3) pump_state_ = 0;
  if (pump.is_changing()) pump_state_ = 0;
  if (d.lift_pump_failed) pump_state_ = 2;
  const double lifted_kw = 9.81 * pumped_m3_h_ * lift_head_m / (0.7 * 3600);
  power_kw_ = lifted_kw + (screens_kw + grit_blower_kw) * scale_;
}

Amount Headworks::holds() const {
  Amount all = amount(well_, level_m_ * well_area_m2 * scale_);
  all += amount(chamber_, grit_chamber_m3 * scale_);
  return all;
}

Stream Headworks::out() const {
  Stream out{pumped_m3_h_, chamber_};
  out.water[Water::hydrocarbon] *= 1 - oil_kept;
  return out;
}

void Headworks::step(const Stream& sewer, const Disturbance& d, const Rota& pump) {
  screen(sewer.flow_m3_h, d.screen_clogging);
  const double volume_m3 = level_m_ * well_area_m2 * scale_;
  lift(sewer.flow_m3_h, d, pump);
  flush(well_, sewer, volume_m3);
  flush(chamber_, {pumped_m3_h_, well_}, grit_chamber_m3 * scale_);
}

}  // namespace sosie::wastewater
