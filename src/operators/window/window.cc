#include <algorithm>
#include <deque>
#include <limits>
#include <memory>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "core/catalog.h"
#include "core/operator.h"
#include "operators/window/fixed.h"
#include "operators/window/rolling.h"
#include "operators/window/sessions.h"
#include "operators/window/spec.h"
#include "operators/window/whereabouts.h"

namespace sosie::window {
namespace {

constexpr std::size_t most_strays = 20;  ///< of the last ones that are shown
/// What an object says waits so long for its first place, or as long as it would not be too late.
constexpr Micros shortest_wait = 60'000'000;
constexpr Micros between_looks = 1'000'000;  ///< for what has waited long enough

std::unique_ptr<Windows> windows_of(const Spec& spec) {
  const Shape& shape = spec.shape;
  if (shape.kind == Shape::Kind::session) return std::make_unique<SessionWindows>(shape);
  if (shape.every == 0) return std::make_unique<RollingWindows>(shape);
  if (spec.is_exact) return std::make_unique<FixedWindows<PointStore>>(shape);
  return std::make_unique<FixedWindows<PaneStore>>(shape);
}

/// Of a window's name, behind an aggregate's: "5m" is " over 5 min", any other ", NAME".
Words behind_aggregate(const std::string& name) {
  const auto digits = std::min(name.find_first_not_of("0123456789"), name.size());
  const auto many = name.substr(0, digits);
  const auto unit = name.substr(digits);
  const bool is_span = digits > 0 && (unit == "s" || unit == "m" || unit == "h" || unit == "d");
  if (!is_span) return Words{", " + name, ", " + name};
  const auto en = unit == "m" ? "min" : unit;
  const auto fr = unit == "d" ? "j" : en;
  return Words{fmt::format(" over {} {}", many, en), fmt::format(" sur {} {}", many, fr)};
}

class WindowOperator final : public Operator, private Results {
 public:
  explicit WindowOperator(Spec spec) : spec_(std::move(spec)), windows_(windows_of(spec_)) {}

  Result<void> begin(const std::vector<const Zoning*>& zonings) override;
  std::vector<std::string> takes() const override { return spec_.series; }
  bool gives(std::string_view attribute) const override { return spec_.may_make(attribute); }
  std::vector<Made> makes() const override { return spec_.makes(); }
  std::optional<Duration> lateness() const override {
    if (spec_.shape.is_single) return std::nullopt;
    return Duration(spec_.shape.lateness);
  }
  Duration memory() const override;
  double reach_of_place(SeriesId series) const override;
  bool meet(SeriesId series, const SeriesInfo& info, OperatorGround& ground) override;
  void take(const Reading& reading, std::vector<Reading>& out) override;
  void settle(std::vector<Reading>& out) override;
  void advance(Timestamp now, std::vector<Reading>& out) override;
  OperatorCounts counts() const override { return counts_; }
  std::vector<Stray> strays() const override { return {strays_.begin(), strays_.end()}; }

 private:
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  enum class Role : std::uint8_t { none, value, latitude, longitude };
  struct Input {
    Role role = Role::none;
    std::uint32_t key = none;             ///< or the first of those of an attribute's zones
    std::uint32_t object = none;          ///< in zones: whose it is
    Timestamp newest = Timestamp::min();  ///< and what it said then
    double value = 0;
  };

  bool is_by_zone() const { return spec_.group_by == Spec::GroupBy::zone; }
  std::uint32_t object_of(const SeriesInfo& info);
  std::uint32_t key_of(const std::string& entity, const SeriesInfo& of, const SharedText& location,
                       OperatorGround& ground);
  std::uint32_t zone_keys(const SeriesInfo& of, OperatorGround& ground);
  void remember_place(SeriesId series, const Input& input, OperatorGround& ground);
  static bool is_copy(Input& input, const Reading& reading);
  void take_value(const Input& input, const Reading& reading, bool may_repeat);
  void take_outside(std::uint32_t zone, std::uint32_t object, const Reading& reading);
  void note_stray(Stray::What what, std::uint32_t object, const Reading& reading);
  void take_nowhere(std::uint32_t object, const Reading& reading);
  void give_up_waiting(Micros now);
  void count(std::uint32_t key, const Reading& reading, bool may_repeat);
  void put(std::uint32_t key, std::size_t aggregate, Micros at, double value) override {
    ++counts_.given;
    out_->push_back({Timestamp(Duration(at)), value, made_[(key * aggregates_) + aggregate]});
  }

  const Spec spec_;
  const std::size_t aggregates_ = spec_.shape.aggregates.size();
  std::unique_ptr<Windows> windows_;
  const Zoning* zoning_ = nullptr;
  Whereabouts whereabouts_;
  std::vector<Input> inputs_;                                 ///< by series
  std::vector<SeriesId> made_;                                ///< by key and aggregate
  std::unordered_map<std::string, std::uint32_t> keys_;       ///< by "entity\nattribute"
  std::unordered_map<std::string, std::uint32_t> zone_keys_;  ///< by attribute: the first of them
  std::unordered_map<std::string, std::uint32_t> objects_;    ///< by entity
  struct Seen {
    const std::string* name = nullptr;  ///< in objects_
    bool is_astray = false;             ///< and that is noted
  };
  std::vector<Seen> seen_;  ///< by object
  std::deque<Stray> strays_;
  Micros newest_ = std::numeric_limits<Micros>::min();     ///< of values by zone
  Micros next_look_ = std::numeric_limits<Micros>::min();  ///< for what has waited long enough
  OperatorCounts counts_;
  std::vector<Reading>* out_ = nullptr;  ///< during a call
};

Result<void> WindowOperator::begin(const std::vector<const Zoning*>& zonings) {
  if (!is_by_zone()) return {};
  std::string known;
  for (const Zoning* zoning : zonings) {
    if (zoning->name() == spec_.zones) zoning_ = zoning;
    known += (known.empty() ? "" : ", ") + zoning->name();
  }
  if (zoning_ == nullptr) {
    return Error{Errc::invalid,
                 fmt::format("'zones' is \"{}\"; expected the name of a [[zones]]{}{}", spec_.zones,
                             known.empty() ? ", and there is none" : ": ", known)};
  }
  whereabouts_.begin(*zoning_, memory().count());
  return {};
}

Duration WindowOperator::memory() const {
  const Shape& shape = spec_.shape;
  const Micros whole =
      shape.kind == Shape::Kind::session ? shape.longest + shape.gap : shape.length + shape.every;
  return Duration(whole + shape.lateness + shape.wait);
}

std::uint32_t WindowOperator::object_of(const SeriesInfo& info) {
  const auto [entry, is_new] = objects_.emplace(info.entity, 0);
  if (is_new) {
    entry->second = whereabouts_.add_object();
    seen_.push_back({&entry->first, false});
    if (const auto fixed = spec_.positions.find(info.entity.str());
        fixed != spec_.positions.end()) {
      whereabouts_.place(entry->second, {fixed->second.longitude, fixed->second.latitude});
    }
  }
  return entry->second;
}

/// The key of an entity's values of one attribute, whose series are declared.
std::uint32_t WindowOperator::key_of(const std::string& entity, const SeriesInfo& of,
                                     const SharedText& location, OperatorGround& ground) {
  const auto [entry, is_new] = keys_.emplace(entity + "\n" + of.attribute.str(), 0);
  if (!is_new) return entry->second;
  entry->second = windows_->add_key();
  for (const Aggregate& aggregate : spec_.shape.aggregates) {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = spec_.attribute_of(of.attribute, aggregate);
    info.asset = of.asset;
    const bool is_own = spec_.group_by == Spec::GroupBy::none;
    if (is_own) info.stage = of.stage;
    if (is_own) info.stage_name = of.stage_name;
    info.location = is_own ? of.location : location;
    if (is_own) info.location_fr = of.location_fr;
    info.unit = aggregate.unit(of.unit);
    const Words words = aggregate.words();
    const std::string en = of.quantity.en.empty() ? of.attribute : of.quantity.en;
    const std::string fr = of.quantity.fr.empty() ? en : of.quantity.fr.str();
    const Words window = behind_aggregate(spec_.name);
    info.quantity = Words{fmt::format("{}, {}{}", en, words.en, window.en),
                          fmt::format("{}, {}{}", fr, words.fr, window.fr)};
    made_.push_back(ground.declare(info));
  }
  return entry->second;
}

std::uint32_t WindowOperator::zone_keys(const SeriesInfo& of, OperatorGround& ground) {
  const auto [entry, is_new] = zone_keys_.emplace(of.attribute, none);
  if (!is_new) return entry->second;
  for (std::size_t zone = 0; zone < zoning_->size(); ++zone) {
    const auto& named = (*zoning_)[zone];
    const auto key = key_of(zoning_->name() + ":" + named.id, of, SharedText(named.label), ground);
    if (zone == 0) entry->second = key;
  }
  return entry->second;
}

/// Where the object was when the program ended.
void WindowOperator::remember_place(SeriesId series, const Input& input, OperatorGround& ground) {
  const auto half =
      input.role == Role::latitude ? Whereabouts::Half::latitude : Whereabouts::Half::longitude;
  const auto last = ground.last_known(series);
  if (last && last->quality != Quality::bad) whereabouts_.take(input.object, half, *last);
}

bool WindowOperator::meet(SeriesId series, const SeriesInfo& info, OperatorGround& ground) {
  Input input;
  const bool is_derived = ground.is_derived(series);
  const bool is_meant = std::ranges::any_of(spec_.series, [&](const std::string& pattern) {
    return sosie::is_meant(pattern, info, is_derived);
  });
  if (is_by_zone() && !is_derived &&
      (info.attribute == spec_.latitude || info.attribute == spec_.longitude)) {
    input.role = info.attribute == spec_.latitude ? Role::latitude : Role::longitude;
    input.object = object_of(info);
    remember_place(series, input, ground);
  } else if (!is_meant) {
    return false;
  } else if (is_by_zone()) {
    input.role = Role::value;
    input.key = zone_keys(info, ground);
    input.object = object_of(info);
  } else {
    const auto entity = spec_.group_of(info);
    if (entity.empty()) return false;
    input.role = Role::value;
    input.key = key_of(entity, info, SharedText(), ground);
  }
  if (inputs_.size() <= series.index) inputs_.resize(series.index + 1);
  inputs_[series.index] = input;
  return true;
}

double WindowOperator::reach_of_place(SeriesId series) const {
  if (series.index >= inputs_.size()) return 0;
  constexpr double pole = 90;
  constexpr double antimeridian = 180;
  const Role role = inputs_[series.index].role;
  if (role == Role::latitude) return pole;
  return role == Role::longitude ? antimeridian : 0;
}

void WindowOperator::count(std::uint32_t key, const Reading& reading, bool may_repeat) {
  const Point point{reading.at.time_since_epoch().count(), reading.value};
  switch (windows_->take_of({reading.series.index, may_repeat}, key, point, *this)) {
    case Taken::too_late:
      ++counts_.too_late;
      break;
    case Taken::copy:
      break;
    default:
      ++counts_.taken;
  }
}

void WindowOperator::take_value(const Input& input, const Reading& reading, bool may_repeat) {
  if (input.object == none) {
    count(input.key, reading, may_repeat);
    return;
  }
  newest_ = std::max(newest_, reading.at.time_since_epoch().count());
  const auto zone = whereabouts_.zone(input.object, reading.at.time_since_epoch().count());
  if (zone < zoning_->size()) {
    seen_[input.object].is_astray = false;
    count(input.key + zone, reading, may_repeat);
  } else {
    take_outside(zone, input.object, reading);
  }
}

void WindowOperator::take_outside(std::uint32_t zone, std::uint32_t object,
                                  const Reading& reading) {
  if (zone == Whereabouts::nowhere) {
    if (!whereabouts_.is_placed(object) && whereabouts_.wait(object, reading)) return;
    take_nowhere(object, reading);
    return;
  }
  ++counts_.outside;
  if (zone == Whereabouts::swapped) ++counts_.swapped;
  note_stray(zone == Whereabouts::swapped ? Stray::What::swapped : Stray::What::outside, object,
             reading);
}

void WindowOperator::take_nowhere(std::uint32_t object, const Reading& reading) {
  ++counts_.nowhere;
  note_stray(Stray::What::nowhere, object, reading);
}

/// By event time, like all else: who never says where it is, is told of while its values come.
void WindowOperator::give_up_waiting(Micros now) {
  if (now < next_look_) return;
  next_look_ = now + between_looks;
  const Micros patience = std::max(spec_.shape.lateness, shortest_wait);
  for (const auto& [object, reading] : whereabouts_.give_up(Timestamp(Duration(now - patience)))) {
    take_nowhere(object, reading);
  }
}

/// Once, as long as it stays away.
void WindowOperator::note_stray(Stray::What what, std::uint32_t object, const Reading& reading) {
  Seen& seen = seen_[object];
  if (std::exchange(seen.is_astray, true)) return;
  ++counts_.strays;
  Stray stray{.object = *seen.name, .what = what, .at = reading.at};
  if (const auto spot = whereabouts_.spot(object)) {
    stray.has_place = true;
    stray.longitude = spot->longitude;
    stray.latitude = spot->latitude;
  }
  strays_.push_back(std::move(stray));
  if (strays_.size() > most_strays) strays_.pop_front();
}

/// What is sent again after a connection was lost is mostly the youngest.
bool WindowOperator::is_copy(Input& input, const Reading& reading) {
  if (reading.at == input.newest && reading.value == input.value) return true;
  if (reading.at >= input.newest) {
    input.newest = reading.at;
    input.value = reading.value;
  }
  return false;
}

void WindowOperator::take(const Reading& reading, std::vector<Reading>& out) {
  if (reading.series.index >= inputs_.size()) return;
  Input& input = inputs_[reading.series.index];
  if (input.role == Role::none) return;
  if (reading.quality == Quality::bad) {
    ++counts_.bad;
    return;
  }
  out_ = &out;
  if (input.role == Role::value) {
    const bool may_repeat = reading.at <= input.newest;
    if (!is_copy(input, reading)) take_value(input, reading, may_repeat);
    return;
  }
  const auto half =
      input.role == Role::latitude ? Whereabouts::Half::latitude : Whereabouts::Half::longitude;
  if (!whereabouts_.take(input.object, half, reading)) return;
  for (const Reading& waiting : whereabouts_.waiting(input.object)) {
    take_value(inputs_[waiting.series.index], waiting, true);
  }
}

void WindowOperator::settle(std::vector<Reading>& out) {
  out_ = &out;
  counts_.amended += windows_->settle(*this);
  whereabouts_.settle();
  if (is_by_zone()) give_up_waiting(newest_);
}

void WindowOperator::advance(Timestamp now, std::vector<Reading>& out) {
  out_ = &out;
  windows_->advance(now.time_since_epoch().count(), *this);
  if (is_by_zone()) give_up_waiting(now.time_since_epoch().count());
}

Result<std::unique_ptr<Operator>> make(Section& section) {
  auto spec = TRY(Spec::read(section));
  return std::make_unique<WindowOperator>(std::move(spec));
}

}  // namespace
}  // namespace sosie::window

namespace sosie {

void register_operators_window(Catalog& catalog) {
  catalog.add<Operator>("window", window::make);
}

}  // namespace sosie
