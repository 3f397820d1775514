#include "web/figures.h"

#include "compliance/composite.h"
#include "engine/compliance_days.h"

namespace sosie::web {
namespace {

constexpr auto freshness = std::chrono::seconds(5);
constexpr std::size_t max_questions = 16;
constexpr std::size_t counted_findings = 100'000;

std::optional<double> plain_mean(const std::vector<HourMean>& means) {
  return flow_weighted_mean(means, {});
}

std::optional<double> latest_value(const Latest& latest, std::optional<SeriesId> series) {
  if (!series) return std::nullopt;
  const auto reading = latest.read(*series);
  if (!reading || reading->quality == Quality::bad) return std::nullopt;
  return reading->value;
}

}  // namespace

template <class T, class Make>
Result<T> Figures::keep(Kept<T>& kept, int question, Make make) {
  const std::scoped_lock lock(mutex_);
  const auto now = stopwatch();
  const auto known = kept.answers.find(question);
  if (known != kept.answers.end() && now - known->second.at < freshness) return known->second.value;
  auto made = make();
  if (!made) return made;
  if (kept.answers.size() >= max_questions) kept.answers.clear();
  kept.answers.insert_or_assign(question, typename Kept<T>::Answer{*made, now});
  return made;
}

Result<Score> Figures::scoreboard(int hours) {
  return keep(scores_, hours, [&] { return make_scoreboard(hours); });
}

Result<std::optional<DeruReport>> Figures::compliance(int days) {
  return keep(reports_, days, [&] { return make_compliance(days); });
}

Result<std::optional<Efficiency>> Figures::efficiency(int hours) {
  return keep(efficiencies_, hours, [&] { return make_efficiency(hours); });
}

Result<Score> Figures::make_scoreboard(int hours) const {
  ScoreOptions options;
  options.series = &engine_.series();
  const Timestamp to = engine_.clock().now();
  const Timestamp from = to - std::chrono::hours(hours);
  // A label that has just ended may explain a finding that has just begun.
  const auto labels = TRY(engine_.store().labels(from - options.grace, to));
  FindingQuery query;
  query.from = from - options.grace;
  query.to = to;
  query.limit = counted_findings;
  const auto page = TRY(engine_.store().findings(query));
  return score(labels, page.findings, from, to, options);
}

Result<std::optional<DeruReport>> Figures::make_compliance(int days) const {
  const auto& config = engine_.compliance();
  if (!config) return std::optional<DeruReport>();
  const auto sources = resolve(config->sources, engine_.series());
  const Timestamp to = engine_.clock().now();
  const Timestamp from = to - std::chrono::hours(24) * days;
  const Store& store = engine_.store();
  const auto inlet = TRY(stored_samples(store, sources.inlet, engine_.zone(), from, to));
  const auto outlet = TRY(stored_samples(store, sources.outlet, engine_.zone(), from, to));
  const auto samples = day_samples(inlet, outlet);
  PerParameter<Current> now;
  for (const auto parameter : all_parameters) {
    now[parameter] = {latest_value(engine_.latest(), sources.outlet.parameters[parameter]),
                      latest_value(engine_.latest(), sources.inlet.parameters[parameter])};
  }
  return std::optional(deru_report(*config, samples, now));
}

Result<std::optional<Efficiency>> Figures::make_efficiency(int hours) const {
  const auto& config = engine_.compliance();
  if (!config) return std::optional<Efficiency>();
  const auto sources = resolve(config->sources, engine_.series());
  const Store& store = engine_.store();
  const Timestamp to = engine_.clock().now();
  const Timestamp from = to - std::chrono::hours(hours);
  EfficiencyInput input;
  const auto flow_in = TRY(hour_means(store, sources.inlet.flow, from, to));
  const auto flow_out = TRY(hour_means(store, sources.outlet.flow, from, to));
  for (const auto parameter : all_parameters) {
    const auto in = TRY(hour_means(store, sources.inlet.parameters[parameter], from, to));
    const auto out = TRY(hour_means(store, sources.outlet.parameters[parameter], from, to));
    input.means[parameter] = {flow_weighted_mean(in, flow_in), flow_weighted_mean(out, flow_out)};
  }
  input.flow_m3_per_h = plain_mean(flow_in);
  const auto energy = TRY(hour_means(store, sources.energy_per_day, from, to));
  input.energy_kwh_per_day = plain_mean(energy);
  for (const auto power : sources.powers) {
    const auto means = TRY(hour_means(store, power, from, to));
    if (const auto kw = plain_mean(means))
      input.powers.push_back({engine_.series()[power].stage, *kw});
  }
  return std::optional(sosie::efficiency(input));
}

}  // namespace sosie::web
