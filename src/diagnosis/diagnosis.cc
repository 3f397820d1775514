#include "diagnosis/diagnosis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/ranges.h>

#include "base/log.h"
#include "diagnosis/clues.h"
#include "diagnosis/episode.h"
#include "diagnosis/recent.h"
#include "diagnosis/sentence.h"
#include "diagnosis/suspects.h"
#include "diagnosis/verdict.h"

namespace sosie {

using diagnosis::Asset;
using diagnosis::Episode;
using diagnosis::limits_of;
using diagnosis::Sign;

namespace {

/// What makes people look again when it changes, beside the sentence.
struct Told {
  Kind kind;
  SeriesId first{no_column};  ///< suspect
  std::size_t evidence;
  std::ptrdiff_t active;
  double confidence;

  explicit Told(const Finding& finding)
      : kind(finding.kind),
        evidence(finding.evidence.size()),
        active(std::ranges::count_if(finding.evidence, &Evidence::active)),
        confidence(finding.confidence) {
    if (!finding.suspects.empty()) first = finding.suspects.front().series;
  }

  bool differs(const Told& other) const {
    return kind != other.kind || first != other.first || evidence != other.evidence ||
           active != other.active || std::abs(confidence - other.confidence) > 0.1;
  }
};

}  // namespace

/// The episodes of one asset: told ones, and such as have not enough evidence yet.
class Diagnosis::Episodes {
 public:
  explicit Episodes(Config config)
      : config_(std::move(config)),
        verdicts_(config_.verdict ? *config_.verdict : diagnosis::VerdictModel::built_in()) {}

  void ask(Explaining* whole) { whole_ = whole; }

  void begin(const AssetColumns& columns) {
    asset_.begin(columns, config_.loops);
    switches_.begin(asset_);
    recent_.begin(columns.size(), columns.period);
    parts_.resize(columns.size());
  }

  void report(const Symptom& symptom) {
    for (auto& episode : episodes_) {
      for (auto& sign : episode.signs) {
        if (sign.is_same(symptom)) {
          renew(episode, sign, symptom);
          return;
        }
      }
    }
    if (!symptom.active) return;  // the end of something that was let go
    Episode& episode = place_for(symptom);
    if (episode.signs.size() >= most_signs) return;
    const Before before = before_of(episode, symptom);
    episode.signs.emplace_back(symptom);
    put(before, episode.signs.back());
    episode.onset = std::min(episode.onset, symptom.since);
    episode.latest = episode.latest_new = symptom.at;
    episode.is_changed = true;
  }

  void end_frame(const Frame& frame, std::vector<FindingEvent>& out) {
    switches_.look(frame);
    recent_.look(frame);
    for (auto& episode : episodes_) {
      if (episode.is_active()) episode.latest = frame.at;
      if (episode.is_open && rehearsed_) weigh(episode, frame.at);
      if (is_over(episode, frame.at)) {
        close(episode, frame.at, out);
      } else if (!episode.is_open) {
        if (is_worth_telling(episode, frame.at)) open(episode, frame, out);
      } else if (episode.is_changed && frame.at - episode.told >= config_.update_every) {
        update(episode, frame, out);
      }
    }
    std::erase_if(episodes_, [](const Episode& e) { return e.signs.empty(); });
  }

  void close_all(Timestamp at, std::vector<FindingEvent>& out) {
    for (auto& episode : episodes_) close(episode, at, out);
    episodes_.clear();
  }

  std::size_t open_count() const {
    return static_cast<std::size_t>(std::ranges::count_if(episodes_, &Episode::is_open));
  }
  void set_least_chance(double chance) { config_.least_chance = chance; }
  void rehearse() { rehearsed_.emplace(); }
  std::vector<double> rehearsed() const {
    auto chances = rehearsed_.value_or(std::vector<double>{});
    for (const auto& episode : episodes_) {
      if (episode.is_open) chances.push_back(episode.chance);
    }
    return chances;
  }
  double chance_before() const { return 1 - verdicts_.chances_before().back(); }
  std::uint64_t next_id() const { return config_.next_id; }
  std::uint64_t take_id() { return config_.next_id++; }
  void continue_ids(std::uint64_t next) { config_.next_id = next; }

 private:
  static constexpr Duration half_life = std::chrono::hours(72);
  static constexpr Duration day = std::chrono::hours(24);
  static constexpr Duration same_hour = std::chrono::minutes(20);
  static constexpr Duration same_days = std::chrono::hours(8 * 24);

  static double faded(double what, Timestamp since, Timestamp now) {
    const auto ago = static_cast<double>((now - since).count());
    return what * std::exp2(-ago / static_cast<double>(half_life.count()));
  }

  /// How often a column was part of an episode, how far off it was, and when those began.
  struct Part {
    double times = 0;  ///< as of `at`
    Timestamp at;
    double peak = 0;  ///< in limits, as of `peak_at`
    Timestamp peak_at;
    std::array<Timestamp, 8> onsets{};  ///< a ring
    std::size_t next = 0;

    double left(Timestamp now) const { return faded(times, at, now); }

    void was(double limits, Timestamp now) {
      peak = std::max(faded(peak, peak_at, now), limits);
      peak_at = now;
    }

    /// A shift that ends, a load that comes every morning: of the last days, not of the last hour.
    double at_this_hour(Timestamp now) const {
      return static_cast<double>(std::ranges::count_if(onsets, [&](Timestamp onset) {
        const Duration ago = now - onset;
        if (onset == Timestamp{} || ago < day - same_hour || ago > same_days) return false;
        const Duration past = ago % day;
        return past <= same_hour || past >= day - same_hour;
      }));
    }
  };

  /// What is known of a column from the days before an episode.
  struct Before {
    double times = 0;
    double peak = 0;
    double same_hour = 0;
  };
  static void put(const Before& before, Sign& sign) {
    sign.before = before.times;
    sign.peak_before = before.peak;
    sign.same_hour = before.same_hour;
  }
  static constexpr std::size_t most_past = 16;
  static constexpr std::size_t most_signs = 64;  ///< of an episode: more adds nothing for people

  static void renew(Episode& episode, Sign& sign, const Symptom& symptom) {
    const bool was_active = sign.active;
    const auto since = sign.since;
    const auto first_since = std::min(sign.first_since, symptom.since);
    const auto times = sign.times + (was_active || !symptom.active ? 0 : 1);
    const double first_off = sign.first_off;
    const Before known{.times = sign.before, .peak = sign.peak_before, .same_hour = sign.same_hour};
    const double score = std::max(sign.score, symptom.score);
    auto shares = std::move(sign.shares);
    const auto before = std::move(sign);
    sign = Sign(symptom);
    sign.score = score;
    sign.times = times;
    sign.first_off = first_off;
    put(known, sign);
    sign.since = was_active ? std::min(since, symptom.since) : symptom.since;
    sign.first_since = first_since;
    if (sign.shares.empty()) sign.shares = std::move(shares);
    if (!symptom.active) {  // how it was while it lasted says more than how it ended
      sign.value = before.value;
      sign.expected = before.expected;
      sign.low = before.low;
      sign.high = before.high;
      sign.anomaly = before.anomaly;
    }
    episode.is_changed = true;
    episode.latest = std::max(episode.latest, symptom.at);  // an end may be told with a delay
  }

  Episode& place_for(const Symptom& symptom) {
    Episode* best = nullptr;
    double best_affinity = 0;
    for (auto& episode : episodes_) {
      const double fits = diagnosis::affinity(
          asset_, episode, symptom,
          {.gap = config_.merge_gap, .carry = config_.carry, .grow = config_.grow});
      if (fits > best_affinity) {
        best = &episode;
        best_affinity = fits;
      }
    }
    if (best != nullptr) return *best;
    episodes_.emplace_back();
    episodes_.back().onset = symptom.since;
    return episodes_.back();
  }

  /// `times`: how much oftener than half of all sensors, with what is days ago counting less, a
  /// symptom's sensor was part of another episode, told or not. From now on it is of this one, too.
  /// Where all sensors are upset often (something shakes them all) it says nothing of one.
  Before before_of(const Episode& episode, const Symptom& symptom) {
    if (symptom.column == no_column) return {};
    for (const auto& sign : episode.signs) {
      if (sign.column != symptom.column) continue;
      return {.times = sign.before, .peak = sign.peak_before, .same_hour = sign.same_hour};
    }
    Part& part = parts_[symptom.column];
    const double left = part.left(symptom.at);
    const Before before{.times = std::max(0.0, left - usual_times(symptom.at)),
                        .peak = faded(part.peak, part.peak_at, symptom.at),
                        .same_hour = part.at_this_hour(symptom.at)};
    part.times = left + 1;
    part.at = symptom.at;
    part.onsets.at(part.next++ % part.onsets.size()) = symptom.at;
    return before;
  }

  /// What half of all sensors have; of an hour.
  double usual_times(Timestamp at) {
    if (at - usual_at_ < std::chrono::hours(1) && at >= usual_at_) return usual_times_;
    std::vector<double> times;
    times.reserve(parts_.size());
    for (const auto& part : parts_) times.push_back(part.left(at));
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::ranges::nth_element(times, middle);
    usual_at_ = at;
    return usual_times_ = *middle;
  }

  bool is_over(const Episode& episode, Timestamp at) const {
    if (at - episode.latest >= config_.hold) return true;
    return episode.is_open && at - episode.finding.detected >= config_.longest;
  }

  /// Whether its evidence has stood, is strong enough, and is likely enough to have a cause.
  bool is_worth_telling(Episode& episode, Timestamp at) {
    if (at - episode.onset < config_.confirm) return false;
    if (episode.score(config_.whole_weight) < config_.min_score) return false;
    if (config_.least_chance <= 0 && !rehearsed_) return true;
    weigh(episode, at);
    return episode.chance >= config_.least_chance;
  }

  /// How likely there is a cause, not oftener than people are told.
  void weigh(Episode& episode, Timestamp at) {
    if (episode.weighed != Timestamp{} && at - episode.weighed < config_.update_every) return;
    episode.weighed = at;
    const double chance = 1 - verdicts_.chances(clues_now(episode, at)).back();
    episode.chance = std::max(episode.chance, chance);
  }

  diagnosis::Clues clues_now(Episode& episode, Timestamp at) {
    episode.switched = episode.switched || has_switched(episode);
    episode.failed = episode.failed || has_failed(episode);
    if (at - stirred_at_ >= std::chrono::minutes(1)) {
      stirred_at_ = at;
      stirred_ = recent_.stirred();
      astray_ = recent_.share_astray();
    }
    return diagnosis::clues_of({.asset = asset_,
                                .episode = episode,
                                .recent = recent_,
                                .switches = switches_,
                                .at = at,
                                .past = past_,
                                .open = open_count() - (episode.is_open ? 1U : 0U),
                                .stirred = stirred_,
                                .astray = astray_});
  }

  /// Machines that switched when the episode began, or just after.
  bool has_switched(const Episode& episode) const {
    return std::ranges::any_of(episode.columns(), [&](std::uint32_t column) {
      return switches_.near(asset_.columns[column].stage, episode.onset);
    });
  }

  bool has_failed(const Episode& episode) const {
    return std::ranges::any_of(episode.columns(), [&](std::uint32_t column) {
      return switches_.reports_fault(asset_.columns[column].stage);
    });
  }

  /// Writes down what the evidence says now.
  void conclude(Episode& episode, Timestamp at, std::span<const double> values) {
    Finding& finding = episode.finding;
    const auto clues = clues_now(episode, at);
    const auto verdict = diagnosis::judge(verdicts_, clues);
    log::debug("diagnosis", "finding {}: clues {}", finding.id, fmt::join(clues, " "));
    finding.asset = asset_.name;
    finding.kind = verdict.kind;
    finding.second = verdict.second;
    finding.confidence = verdict.confidence;
    finding.score = episode.score(config_.whole_weight);
    finding.onset = episode.onset;
    if (!values.empty()) finding.suspects = diagnosis::suspects(asset_, episode, values, recent_);
    finding.evidence.clear();
    for (const auto& sign : episode.signs) {
      if (sign.detector == "forest" && sign.kind == SymptomKind::multivariate) {
        finding.forest_score = std::min(finding.forest_score, sign.anomaly);
      }
      Evidence evidence{.detector = sign.detector,
                        .kind = sign.kind,
                        .series = std::nullopt,
                        .score = sign.score,
                        .since = sign.first_since,
                        .active = sign.active,
                        .rule = std::string(sign.rule),
                        .priority = sign.priority};
      if (sign.column != no_column) evidence.series = asset_.columns[sign.column].series;
      finding.evidence.push_back(std::move(evidence));
    }
    std::ranges::stable_sort(finding.evidence, {}, &Evidence::since);
    finding.sentence = diagnosis::sentence(asset_, episode, finding, at);
    episode.is_changed = false;
    episode.told = at;
  }

  void open(Episode& episode, const Frame& frame, std::vector<FindingEvent>& out) {
    episode.is_open = true;
    episode.finding.id = config_.next_id++;
    episode.finding.detected = frame.at;
    ask_the_whole(episode);
    conclude(episode, frame.at, frame.values);
    out.push_back({FindingEvent::What::opened, episode.finding});
  }

  /// What it thinks of the frame in which something was found, by whatever means.
  void ask_the_whole(Episode& episode) {
    if (whole_ == nullptr) return;
    episode.contributions.resize(asset_.columns.size());
    if (const auto score = whole_->explain(episode.contributions)) {
      episode.finding.forest_score = *score;
    } else {
      episode.contributions.clear();
    }
  }

  void update(Episode& episode, const Frame& frame, std::vector<FindingEvent>& out) {
    const Told before(episode.finding);
    const auto sentence = std::move(episode.finding.sentence);  // another is made in any case
    conclude(episode, frame.at, frame.values);
    if (before.differs(Told(episode.finding)) || sentence != episode.finding.sentence) {
      out.push_back({FindingEvent::What::updated, episode.finding});
    }
  }

  /// REQUIRES: nothing. An episode that was never told is just forgotten.
  void close(Episode& episode, Timestamp at, std::vector<FindingEvent>& out) {
    if (episode.is_open) {
      const auto latest = std::min(at, episode.latest);
      for (auto& sign : episode.signs) {
        if (sign.active) sign.until = latest;
        sign.active = false;
      }
      conclude(episode, latest, {});  // suspects stay as they last were
      const auto held = std::ranges::max(episode.signs, {}, &Sign::until).until;
      episode.finding.closed = std::max(std::min(held, latest), episode.finding.detected);
      out.push_back({FindingEvent::What::closed, episode.finding});
      if (rehearsed_) rehearsed_->push_back(episode.chance);
      remember(episode, latest);
    }
    for (const auto& sign : episode.signs) {
      if (sign.column != no_column) parts_[sign.column].was(limits_of(sign.score), at);
    }
    episode.signs.clear();
  }

  /// `latest`: when a symptom was last active, which is what the model of causes has learned from.
  void remember(const Episode& episode, Timestamp latest) {
    diagnosis::Past past{.closed = latest, .columns = episode.columns()};
    if (past_.size() < most_past) {
      past_.push_back(std::move(past));
    } else {
      past_[next_past_++ % most_past] = std::move(past);
    }
  }

  Config config_;
  const diagnosis::VerdictModel& verdicts_;  ///< `config_`'s, or the program's
  Asset asset_;
  diagnosis::Switches switches_;
  diagnosis::Recent recent_;
  std::vector<Episode> episodes_;
  std::optional<std::vector<double>> rehearsed_;  ///< chances of what is over, in a rehearsal
  std::vector<diagnosis::Past> past_;             ///< findings that are over, a ring
  std::size_t next_past_ = 0;
  Explaining* whole_ = nullptr;
  Timestamp stirred_at_;
  double stirred_ = 0;
  double astray_ = 0;
  std::vector<Part> parts_;  ///< of each column
  double usual_times_ = 0;
  Timestamp usual_at_{};
};

namespace {

Result<void> read_spans(Section& section, Diagnosis::Config& config) {
  config.hold = TRY(section.duration("hold", config.hold));
  config.merge_gap = TRY(section.duration("merge_gap", config.merge_gap));
  config.carry = TRY(section.duration("carry", config.carry));
  config.grow = TRY(section.duration("grow", config.grow));
  config.confirm = TRY(section.duration("confirm", config.confirm));
  config.update_every = TRY(section.duration("update_every", config.update_every));
  config.longest = TRY(section.duration("longest", config.longest));
  if (config.longest <= config.hold) {
    return section.wrong("longest", "expected a duration longer than hold");
  }
  return {};
}

Result<std::vector<ControlLoop>> read_loops(Section& section) {
  auto tables = TRY(section.tables("loop"));
  std::vector<ControlLoop> loops;
  loops.reserve(tables.size());
  for (auto& table : tables) {
    ControlLoop loop{.hears = TRY(table.text("hears")), .moves = TRY(table.texts("moves"))};
    if (loop.moves.empty()) {
      return table.wrong("moves", "expected the names of what the loop moves");
    }
    TRY(table.finish());
    loops.push_back(std::move(loop));
  }
  return loops;
}

}  // namespace

Result<Diagnosis::Config> Diagnosis::read(Section& section, Config defaults) {
  Config config = std::move(defaults);
  TRY(read_spans(section, config));
  config.min_score = TRY(section.number("min_score", config.min_score));
  if (config.min_score < 0 || config.min_score >= 1) {
    return section.wrong("min_score", "expected a number from 0 to below 1");
  }
  config.least_chance = TRY(section.number("least_chance", config.least_chance));
  if (config.least_chance < 0 || config.least_chance >= 1) {
    return section.wrong("least_chance", "expected a number from 0 to below 1");
  }
  config.whole_weight = TRY(section.number("whole_weight", config.whole_weight));
  const bool is_share = config.whole_weight >= 0 && config.whole_weight <= 1;
  if (!is_share) {
    return section.wrong("whole_weight", "expected a number from 0 to 1");
  }
  if (section.has("loop")) config.loops = TRY(read_loops(section));
  const auto verdict = TRY(section.path("verdict", ""));
  if (!verdict.empty()) {
    auto model = TRY(diagnosis::VerdictModel::read_file(verdict));
    config.verdict = std::make_shared<const diagnosis::VerdictModel>(std::move(model));
  }
  TRY(section.finish());
  return config;
}

Diagnosis::Diagnosis(Config config) : episodes_(std::make_unique<Episodes>(std::move(config))) {}
Diagnosis::~Diagnosis() = default;

void Diagnosis::ask(Explaining* whole) {
  episodes_->ask(whole);
}
void Diagnosis::begin(const AssetColumns& columns) {
  episodes_->begin(columns);
}
void Diagnosis::report(const Symptom& symptom) {
  episodes_->report(symptom);
}
void Diagnosis::end_frame(const Frame& frame, std::vector<FindingEvent>& out) {
  episodes_->end_frame(frame, out);
}
void Diagnosis::close_all(Timestamp at, std::vector<FindingEvent>& out) {
  episodes_->close_all(at, out);
}
std::size_t Diagnosis::open_count() const {
  return episodes_->open_count();
}
void Diagnosis::set_least_chance(double chance) {
  episodes_->set_least_chance(chance);
}
void Diagnosis::rehearse() {
  episodes_->rehearse();
}
std::vector<double> Diagnosis::rehearsed() const {
  return episodes_->rehearsed();
}
double Diagnosis::chance_before() const {
  return episodes_->chance_before();
}
std::uint64_t Diagnosis::next_id() const {
  return episodes_->next_id();
}

std::uint64_t Diagnosis::take_id() {
  return episodes_->take_id();
}

void Diagnosis::continue_ids(std::uint64_t next) {
  episodes_->continue_ids(next);
}

}  // namespace sosie
