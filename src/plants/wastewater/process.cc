#include "plants/wastewater/process.h"

#include "plants/wastewater/design.h"

namespace sosie::wastewater {
namespace {

constexpr double biology_capacity_m3_h = 2700;
constexpr double base_load_kw = 12;  // lights, offices, ventilation
constexpr double usual_power_kw = 395;

}  // namespace

Process::Process(double population_equivalent, Random random)
    : scale_(population_equivalent / design_population),
      sky_(random.fork(1)),
      rotas_(random.fork(3)),
      wears_(random.fork(4)),
      influent(mean_influent_m3_h * scale_, random.fork(2)),
      headworks(scale_),
      primary(scale_),
      biology(scale_),
      settler(scale_),
      tertiary(scale_),
      disinfection(scale_),
      outfall(scale_),
      sludge(scale_),
      meter(usual_power_kw * scale_) {}

double Process::power_kw() const {
  return headworks.power_kw() + primary.power_kw() + biology.blower_kw() + biology.mixer_kw() +
         settler.power_kw() + tertiary.power_kw() + disinfection.power_kw() + sludge.power_kw() +
         base_load_kw * scale_;
}

Amount Process::holds() const {
  Amount all = headworks.holds();
  all += primary.holds();
  all += biology.sludge().holds();
  all += tertiary.holds();
  all += disinfection.holds();
  all += outfall.holds();
  all += sludge.holds();
  const Stream back = returned();
  all += amount(back.water, back.flow_m3_h * step_h);
  return all;
}

void Process::step(const LocalTime& time, const Disturbance& d, const Feedback& feedback,
                   ActivatedSludge::Gas* gas) {
  sky_.step();
  rotas_.step();
  wears_.step(time);
  influent.step(time, sky_, d);
  treat({time, d, feedback, {}, 1}, gas);
}

void Process::step_beside(const LocalTime& time, const Beside& beside, const Feedback& feedback) {
  influent.feed(beside.inlet);
  treat({time, Disturbance{}, feedback, beside.followed, beside.transfer}, nullptr);
}

void Process::depart(const Departure& by) {
  headworks = Headworks(scale_ * by.headworks);
  primary = Primary(scale_ * by.primary);
  tertiary = Tertiary(scale_ * by.tertiary);
  disinfection = Disinfection(scale_ * by.disinfection);
  outfall = Outfall(scale_ * by.outfall);
  sludge = SludgeLine(scale_ * by.sludge);
  biology.live_by(by.changed(biology.sludge().parameters()));
}

void Process::treat(const Doing& doing, ActivatedSludge::Gas* gas) {
  const Disturbance& d = doing.disturbance;
  const Feedback& feedback = doing.feedback;
  const double air_c = influent.air_temperature_c();
  headworks.step(influent.stream(), d, rotas_.lift_pump);

  primary.step(join(headworks.out(), returned()), air_c);

  // What the biology cannot take goes round it to the outfall.
  const Stream& clarified = primary.effluent();
  const double taken = std::min(clarified.flow_m3_h, biology_capacity_m3_h * scale_);
  const Stream round{clarified.flow_m3_h - taken, clarified.water};
  settler.pump(d, feedback.set, taken, rotas_.return_pump);
  biology.step({taken, clarified.water}, settler.draw(), air_c,
               {d, rotas_, wears_.diffusers.share(), doing.transfer}, feedback, gas);
  settler.step(biology.out(), biology.sludge(), air_c);

  tertiary.step(settler.effluent(), d, feedback, doing.followed);
  disinfection.step(tertiary.out(), biology.nitrite(),
                    {wears_.lamps.share(), wears_.sleeves.share()}, d, feedback, doing.followed);
  outfall.step(disinfection.out(), join(tertiary.bypass(), round), air_c);
  sludge.step({primary.sludge(), settler.waste(), settler.sludge_volume_index()}, doing.time, air_c,
              d);
  meter.step(power_kw());
}

}  // namespace sosie::wastewater
