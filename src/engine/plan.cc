#include "engine/plan.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/log.h"
#include "core/budgeted.h"
#include "core/cross_checking.h"
#include "core/episode_keeper.h"
#include "engine/named.h"

namespace sosie {
namespace {

Result<void> read_about(Section& scenario, Plan& plan) {
  plan.info.name = TRY(scenario.text("name"));
  plan.info.asset = TRY(scenario.text("asset", plan.info.name));
  plan.info.recorded = TRY(scenario.flag("recorded", false));
  plan.info.zone_name = TRY(scenario.text("zone", "UTC"));
  auto zone = Zone::find(plan.info.zone_name);
  if (!zone) return scenario.wrong("zone", std::move(zone).error().what);
  plan.zone = std::move(zone).value();
  auto title = TRY(scenario.table("title"));
  plan.info.title.en = TRY(title.text("en", plan.info.name));
  plan.info.title.fr = TRY(title.text("fr", plan.info.title.en));
  TRY(title.finish());
  auto terminal = TRY(scenario.table("terminal"));
  plan.info.watched = TRY(terminal.texts("watch"));
  plan.info.fault = TRY(terminal.text("fault", ""));
  return terminal.finish();
}

/// A fault that people are told to try is one the plant has.
Result<void> check_fault(Section& scenario, const Plan& plan) {
  if (plan.info.fault.empty()) return {};
  std::vector<std::string> names;
  if (const Simulator* simulator = plan.simulator()) {
    for (const auto& type : simulator->status().types) names.push_back(type.name);
  }
  const auto name = plan.info.fault.substr(0, plan.info.fault.find(':'));
  const std::vector<std::string_view> known(names.begin(), names.end());
  if (std::ranges::find(known, name) != known.end()) return {};
  const auto terminal = TRY(scenario.table("terminal"));
  return terminal.wrong_choice("fault", name, known);
}

Result<void> read_engine(Section& scenario, Plan& plan) {
  auto frame = TRY(scenario.table("frame"));
  plan.frame_period = TRY(frame.duration("period", plan.frame_period));
  if (plan.frame_period < std::chrono::milliseconds(1)) {
    return frame.wrong("period", "is too short; expected at least \"1ms\"");
  }
  TRY(frame.finish());

  auto learn = TRY(scenario.table("learn"));
  plan.learn = TRY(learn.duration("period", plan.learn));
  plan.store_learning = TRY(learn.flag("store", plan.store_learning));
  plan.warm_up = TRY(learn.duration("warm_up", plan.warm_up));
  TRY(learn.finish());

  auto intake = TRY(scenario.table("intake"));
  static constexpr std::array<std::string_view, 2> ways{"refuse", "declare"};
  const auto unknown = TRY(intake.choice("unknown", "refuse", ways));
  plan.declare_unknown = unknown == "declare";
  plan.info.declares_unknown = plan.declare_unknown;
  plan.future_skew = TRY(intake.duration("future_skew", plan.future_skew));
  plan.future_limit = TRY(intake.duration("future_limit", plan.future_limit));
  plan.commit_every = TRY(intake.duration("commit_every", plan.commit_every));
  const auto queue = TRY(intake.integer("queue", static_cast<std::int64_t>(plan.queue_parcels)));
  if (queue < 1 || queue > 4096) return intake.wrong("queue", "expected 1 to 4096 batches");
  plan.queue_parcels = static_cast<std::size_t>(queue);
  return intake.finish();
}

/// Why a section is left out here: the variable of `needs_env` is not set, or that of `unless_env`
/// is. Empty: it is not. What is left out is made all the same, so that its section is checked.
Result<std::string> left_out(Section& section) {
  const auto needed = TRY(section.text("needs_env", ""));
  const auto unwanted = TRY(section.text("unless_env", ""));
  std::string why;
  if (!needed.empty() && std::getenv(needed.c_str()) == nullptr) {
    why = fmt::format("{} is not set", needed);
  } else if (!unwanted.empty() && std::getenv(unwanted.c_str()) != nullptr) {
    why = fmt::format("{} is set", unwanted);
  }
  if (!why.empty()) section.excuse_secrets();
  return why;
}

Result<void> make_sources(Section& scenario, const Catalog& catalog, Plan& plan) {
  auto sections = TRY(scenario.tables("source"));
  for (auto& section : sections) {
    NamedSource made;
    made.kind = TRY(section.text("kind"));
    made.name = TRY(section.text("name", made.kind));
    const auto why = TRY(left_out(section));
    made.source = TRY(catalog.make<Source>(section));
    if (why.empty()) {
      plan.sources.push_back(std::move(made));
    } else {
      log::info(made.name, "left out: {}", why);
      const bool is_simulator = dynamic_cast<Simulator*>(made.source.get()) != nullptr;
      if (is_simulator) plan.info.fault.clear();  // there is nobody to try it on
    }
  }
  return {};
}

/// All series, where every source describes its own; else empty: one that is not named could come.
std::vector<SeriesInfo> all_described(const Plan& plan) {
  std::vector<SeriesInfo> all;
  if (plan.declare_unknown) return all;
  for (const auto& named : plan.sources) {
    auto described = named.source->described();
    if (described.empty()) return {};
    all.insert(all.end(), std::move_iterator(described.begin()),
               std::move_iterator(described.end()));
  }
  return all;
}

/// Where devices come from other workers and go to them, what is taken up again of the past comes
/// with them, and not from our own store.
Result<void> check_keeper(const Plan& plan) {
  const auto keeper = std::ranges::find_if(plan.sources, [](const NamedSource& named) {
    const auto* const keeps = dynamic_cast<const EpisodeKeeper*>(named.source.get());
    return keeps != nullptr && keeps->keeps_episodes();
  });
  if (keeper == plan.sources.end()) return {};
  const auto wrong = [&](std::string_view what) {
    return Error{Errc::invalid,
                 fmt::format("source '{}' shares its devices with other workers ('episodes'): {}",
                             keeper->name, what)};
  };
  if (plan.sources.size() > 1) return wrong("expected no source beside it");
  if (!plan.detectors.empty()) return wrong("expected rules alone, and no detectors");
  if (!plan.operators.empty()) return wrong("expected rules alone, and no operators");
  return {};
}

/// Detectors look at one asset: with none of its series they would learn for ever, and nothing is
/// kept meanwhile that is learned from alone.
Result<void> check_watched(const Section& scenario, const Plan& plan,
                           std::span<const SeriesInfo> all) {
  if (plan.detectors.empty() || all.empty()) return {};
  std::set<std::string> others;
  for (const SeriesInfo& info : all) {
    if (info.asset.empty() || info.asset == plan.info.asset) return {};
    others.insert(info.asset.str());
  }
  return scenario.wrong(
      "asset", fmt::format("must be {}, for detectors to see anything: no series is part of \"{}\"",
                           fmt::join(others, " or "), plan.info.asset));
}

/// Gives each detector that can keep to a budget its part of the plant's, by weight.
void share_budget(std::vector<NamedDetector>& detectors, double per_day) {
  const auto budgeted_of = [](const NamedDetector& named) {
    return dynamic_cast<Budgeted*>(named.detector.get());
  };
  double sum = 0;
  for (const auto& named : detectors) sum += budgeted_of(named) != nullptr ? named.weight : 0;
  for (const auto& named : detectors) {
    if (auto* const budgeted = budgeted_of(named)) budgeted->allow(per_day * named.weight / sum);
  }
}

Result<void> read_detection(Section& scenario, Plan& plan) {
  auto section = TRY(scenario.table("detection"));
  plan.false_alarms_per_day = TRY(section.number("false_alarms_per_day", 0));
  if (!(plan.false_alarms_per_day >= 0)) {
    return section.wrong("false_alarms_per_day", "expected a number of 0 or more");
  }
  auto& retraining = plan.retraining;
  retraining.every = TRY(section.duration("retrain", retraining.every));
  if (retraining.every < Duration{}) {
    return section.wrong("retrain", "expected a duration, or \"0s\": not by time");
  }
  retraining.on_drift = TRY(section.flag("retrain_on_drift", retraining.on_drift));
  for (const auto& [key, span] : {std::pair("drift_memory", &retraining.drift_memory),
                                  std::pair("trial", &retraining.trial)}) {
    *span = TRY(section.duration(key, *span));
    if (*span <= Duration{}) return section.wrong(key, "expected a duration above 0");
  }
  return section.finish();
}

Result<std::vector<NamedDetector>> make_listed(std::vector<Section> sections,
                                               const Catalog& catalog, double per_day) {
  std::vector<NamedDetector> detectors;
  for (auto& section : sections) {
    const auto kind = TRY(section.text("kind"));
    NamedDetector made;
    made.name = fmt::format("{}/{}", detectors.size() + 1, kind);
    made.weight = TRY(section.number("weight", 1));
    if (!(made.weight > 0)) return section.wrong("weight", "expected a number above 0");
    made.detector = TRY(catalog.make<Detector>(section));
    detectors.push_back(std::move(made));
  }
  if (per_day > 0) share_budget(detectors, per_day);
  return detectors;
}

Result<void> read_detectors(Section& scenario, const Catalog& catalog, Plan& plan) {
  TRY(read_detection(scenario, plan));
  auto sections = TRY(scenario.tables("detector"));
  for (const auto& section : sections) {
    Section look = section;
    const auto kind = TRY(look.text("kind"));
    if (kind != "forest") continue;  // people are shown what the forest was told
    plan.info.threshold = TRY(look.number("threshold", -0.1));
    plan.info.confidence = TRY(look.number("confidence", 0.75));
  }
  plan.detectors = TRY(make_listed(sections, catalog, plan.false_alarms_per_day));
  // Its own catalog: a plan may outlive the one it was read with.
  plan.make_detectors = [sections = std::move(sections), own = Catalog(catalog),
                         per_day = plan.false_alarms_per_day] {
    return make_listed(sections, own, per_day);
  };
  return {};
}

Result<void> make_notifiers(Section& scenario, const Catalog& catalog, Plan& plan) {
  auto sections = TRY(scenario.tables("notifier"));
  for (auto& section : sections) {
    const auto kind = TRY(section.text("kind"));
    NamedNotifier made;
    made.name = TRY(section.text("name", fmt::format("{}-{}", kind, plan.notifiers.size() + 1)));
    made.notifier = TRY(catalog.make<Notifier>(section));
    plan.notifiers.push_back(std::move(made));
  }
  return {};
}

Result<NamedSink> make_sink(Section& section, const Catalog& catalog) {
  NamedSink made;
  made.kind = TRY(section.text("kind"));
  made.name = TRY(section.text("name", made.kind));
  if (made.name.empty() || made.name.find('/') != std::string::npos) {
    return section.wrong("name", "is expected to be a word without '/'");
  }
  made.off = TRY(left_out(section));
  made.early = TRY(section.flag("early", false));
  made.sink = TRY(catalog.make<Sink>(section));
  return made;
}

Result<void> make_sinks(Section& scenario, const Catalog& catalog, Plan& plan) {
  auto sections = TRY(scenario.tables("sink"));
  for (auto& section : sections) {
    auto made = TRY(make_sink(section, catalog));
    if (std::ranges::find(plan.sinks, made.name, &NamedSink::name) != plan.sinks.end()) {
      return section.wrong("name", fmt::format("is \"{}\", and so is another sink's", made.name));
    }
    plan.sinks.push_back(std::move(made));
  }
  return {};
}

/// One clock that is fast, and still believed, must not make all that the others say too late.
void warn_of_fast_clocks(const Plan& plan) {
  if (plan.info.recorded) return;
  for (const auto& named : plan.operators) {
    const auto lateness = named.made->lateness();
    if (!lateness || *lateness >= plan.future_skew) continue;
    const auto seconds = [](Duration span) { return std::chrono::duration<double>(span).count(); };
    log::warning("scenario",
                 "{}: lateness is {:g} s, less than the {:g} s that a clock may be fast ([intake] "
                 "future_skew): one such clock makes what the others of its group say too late; "
                 "expected a longer lateness or a shorter future_skew",
                 named.name, seconds(*lateness), seconds(plan.future_skew));
  }
}

/// Of [diagnosis], where the scenario does not say it.
double whole_weight_of(const Plan& plan) {
  const bool is_cross_checked = std::ranges::any_of(plan.detectors, [](const NamedDetector& named) {
    return dynamic_cast<const CrossChecking*>(named.detector.get()) != nullptr;
  });
  return is_cross_checked ? Diagnosis::Config{}.whole_weight : 1;
}

}  // namespace

Result<Plan> Plan::read(Section& scenario, const Catalog& catalog, const std::string& folder) {
  Plan plan;
  TRY(read_about(scenario, plan));
  TRY(read_engine(scenario, plan));
  plan.descriptions = TRY(Descriptions::read(scenario));
  TRY(make_sources(scenario, catalog, plan));
  TRY(check_fault(scenario, plan));
  TRY(read_detectors(scenario, catalog, plan));
  TRY(make_notifiers(scenario, catalog, plan));
  TRY(make_sinks(scenario, catalog, plan));
  auto diagnosis = TRY(scenario.table("diagnosis"));
  plan.diagnosis = TRY(Diagnosis::read(diagnosis, {.whole_weight = whole_weight_of(plan)}));
  TRY(diagnosis.finish());
  plan.alarms = TRY(AlarmPolicy::read(scenario));
  plan.rules = TRY(rules::RuleSet::read(scenario));
  for (const auto& rule : plan.rules.rules) plan.info.rules.push_back(rule.name);
  plan.zones = TRY(places::read_zones(scenario));
  plan.operators = TRY(make_operators(scenario, catalog, plan.zones));
  warn_of_fast_clocks(plan);
  auto store = TRY(scenario.table("store"));
  plan.store = TRY(StoreOptions::read(store, folder + "/sosie.db"));
  plan.info.keeps_readings = plan.store.keep_readings && plan.store_learning;
  TRY(store.finish());
  plan.store.feed_readings = false;
  for (const auto& sink : plan.sinks) {
    if (!sink.off.empty()) continue;
    plan.store.feed_readers.push_back(sink.name);
    plan.store.feed_readings = plan.store.feed_readings || sink.sink->wants_readings();
  }
  TRY(check_keeper(plan));
  plan.compliance = TRY(ComplianceConfig::read(scenario));
  if (const auto all = all_described(plan); !all.empty()) {
    TRY(check_watched(scenario, plan, all));
    TRY(check_names(scenario, all));
  }
  return plan;
}

Simulator* Plan::simulator() const {
  for (const auto& named : sources) {
    if (auto* simulator = dynamic_cast<Simulator*>(named.source.get())) return simulator;
  }
  return nullptr;
}

}  // namespace sosie
