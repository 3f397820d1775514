#include "engine/operator_desk.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"

namespace sosie {
namespace {

constexpr std::uint64_t most_strays_in_log = 20;  ///< of an operator, in a life of the program

std::array<std::uint64_t, 8> as_list(const OperatorCounts& counts) {
  return {counts.taken, counts.given,   counts.amended, counts.too_late,
          counts.bad,   counts.outside, counts.swapped, counts.nowhere};
}

std::string sentence_of(const Stray& stray) {
  if (!stray.has_place) {
    return fmt::format("{} has never said where it is; its values count in no zone", stray.object);
  }
  const auto place = fmt::format("{} stands at longitude {:g}, latitude {:g}", stray.object,
                                 stray.longitude, stray.latitude);
  switch (stray.what) {
    case Stray::What::nowhere:
      return place + ", as a receiver without a fix says; its values count in no zone";
    case Stray::What::swapped:
      return place +
             ", outside every zone, and would stand in one if these were exchanged: are they "
             "swapped?";
    default:
      return place + ", outside every zone; its values count in none";
  }
}

/// By which the store knows what it has learned.
std::string key_of(const NamedOperator& named) {
  return "operator/" + named.name;
}

/// What `pattern` means by its attribute; empty: any, so no operator's.
std::string_view attribute_of(std::string_view pattern) {
  const auto dot = pattern.rfind('.');
  if (dot == std::string_view::npos) return {};
  const auto attribute = pattern.substr(dot + 1);
  return attribute.find_first_of("*?") == std::string_view::npos ? attribute : std::string_view();
}

Result<void> check_order(const std::vector<NamedOperator>& all, std::vector<Section>& sections) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const auto& pattern : all[i].made->takes()) {
      const auto attribute = attribute_of(pattern);
      if (attribute.empty()) continue;
      const auto is_given = [&](const NamedOperator& named) {
        return named.made->gives(attribute);
      };
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::any_of(all.begin(), begin, is_given)) continue;
      const auto later = std::find_if(begin, all.end(), is_given);
      if (later == all.end()) continue;
      return sections[i].wrong(
          "series",
          fmt::format("has \"{}\", which {} gives; expected what a source or an earlier "
                      "[[operator]] gives",
                      pattern,
                      later == begin ? "it itself" : fmt::format("the later {}", later->name)));
    }
  }
  return {};
}

bool covers(const std::string& pattern, const std::string& other) {
  return matches_wildcards(pattern, other);
}

std::string_view entity_of(std::string_view pattern) {
  return pattern.substr(0, pattern.rfind('.'));
}

/// Whether what is made belongs to the object of which it is made, and to no group or zone.
bool is_own(const Operator::Made& made) {
  return entity_of(made.name) == entity_of(made.from);
}

/// Whether two surely make the same of something. Where the attributes are not known before series
/// come, that is said only where one takes all that the other takes. That an object has the name of
/// a group or zone ("districts:1") is not sure where a pattern could mean it.
bool are_same(const Operator::Made& a, const Operator::Made& b) {
  if (is_own(a) != is_own(b)) return a.name == b.name;
  if (!covers(a.name, b.name) && !covers(b.name, a.name)) return false;
  return !attribute_of(a.name).empty() || !attribute_of(b.name).empty() || covers(a.from, b.from) ||
         covers(b.from, a.from);
}

/// What of `later` an earlier one gives too.
const Operator::Made* made_twice(const std::vector<Operator::Made>& earlier,
                                 const std::vector<Operator::Made>& later) {
  for (const auto& made : later) {
    if (std::ranges::any_of(earlier, [&](const auto& other) { return are_same(other, made); })) {
      return &made;
    }
  }
  return nullptr;
}

Result<void> check_made_once(const std::vector<NamedOperator>& all,
                             std::vector<Section>& sections) {
  std::vector<std::vector<Operator::Made>> makes;
  makes.reserve(all.size());
  for (const auto& named : all) {
    makes.push_back(named.made->makes());
    for (std::size_t i = 0; i + 1 < makes.size(); ++i) {
      const auto* const made = made_twice(makes[i], makes.back());
      if (made == nullptr) continue;
      return sections[makes.size() - 1].wrong(
          "name", fmt::format("makes {} give \"{}\", as {} does; expected another name or other "
                              "series for one of them",
                              named.name, made->name, all[i].name));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<NamedOperator>> make_operators(Section& scenario, const Catalog& catalog,
                                                  const places::ZoneSets& zones) {
  std::vector<const Zoning*> zonings;
  zonings.reserve(zones.size());
  for (const auto& set : zones) zonings.push_back(set.get());
  std::vector<NamedOperator> all;
  auto sections = TRY(scenario.tables("operator"));
  for (Section& section : sections) {
    if (all.size() == OperatorDesk::most_operators) {
      return section.wrong("kind", fmt::format("is one operator too many; expected at most {}",
                                               OperatorDesk::most_operators));
    }
    NamedOperator named;
    named.kind = TRY(section.text("kind"));
    named.name = fmt::format("{}/{}", all.size() + 1, named.kind);
    named.made = TRY(catalog.make<Operator>(section));
    const auto begun = named.made->begin(zonings);
    if (!begun) return section.wrong("zones", begun.error().what);
    all.push_back(std::move(named));
  }
  TRY(check_order(all, sections));
  TRY(check_made_once(all, sections));
  return all;
}

/// What one of the operators stands on.
class OperatorDesk::Ground final : public OperatorGround {
 public:
  Ground(OperatorDesk& desk, std::uint8_t giver) : desk_(desk), giver_(giver) {}

  SeriesId declare(const SeriesInfo& info) override {
    const SeriesId id = desk_.series_.declare(info);
    if (desk_.giver_.size() <= id.index) desk_.giver_.resize(id.index + 1, from_outside);
    const std::uint8_t other = desk_.giver_[id.index];
    if (other != from_outside && other != giver_ &&
        !std::exchange(desk_.has_told_of_twice_, true)) {
      log::error("operators",
                 "{} and {} both give {}: its values are now the one's, now the other's",
                 desk_.operators_[other].name, desk_.operators_[giver_].name, info.name());
    }
    desk_.giver_[id.index] = giver_;
    return id;
  }
  bool is_derived(SeriesId series) const override { return desk_.is_derived(series); }
  std::optional<Reading> last_known(SeriesId series) override {
    return desk_.past_.last_known ? desk_.past_.last_known(series) : std::nullopt;
  }

 private:
  OperatorDesk& desk_;
  std::uint8_t giver_;
};

OperatorDesk::OperatorDesk(std::vector<NamedOperator> operators, SeriesTable& series, Past past)
    : series_(series),
      past_(std::move(past)),
      operators_(std::move(operators)),
      before_(operators_.size()),
      counted_(operators_.size()),
      told_strays_(operators_.size()),
      strays_(std::vector<std::vector<Stray>>(operators_.size())) {
  for (const auto& named : operators_) {
    const auto learned = past_.recall(key_of(named));
    if (!learned) continue;
    if (const auto loaded = named.made->load(*learned); !loaded) {
      log::error("operators", "{}: {}; learning anew", named.name, loaded.error().what);
    }
  }
  refresh();  // what was derived in an earlier life is known as such before anybody asks
}

void OperatorDesk::hand_over(const Handover& handover) {
  if (operators_.empty() || handover.part.empty()) return;
  const auto known = std::ranges::find(part_names_, handover.part);
  const auto part = static_cast<std::uint16_t>(known - part_names_.begin() + 1);
  if (known == part_names_.end()) part_names_.push_back(handover.part);
  switch (handover.what) {
    case Handover::What::holds:
      part_of_.resize(std::max(part_of_.size(), series_.size()));
      for (const SeriesId id : handover.series) part_of_.at(id.index) = part;
      break;
    case Handover::What::waits:
      parts_.wait_for(part);
      break;
    case Handover::What::is_read:
    case Handover::What::goes:
      parts_.is_read(part);
      break;
    case Handover::What::comes:
    case Handover::What::is_here:
    case Handover::What::complete:
    case Handover::What::in_part:
    case Handover::What::is_whole:
      break;
  }
  bound_ = parts_.slowest();
}

void OperatorDesk::hold_back(const Reading& reading) {
  held_.push_back(reading);
  std::ranges::push_heap(held_, [this](const auto& a, const auto& b) { return is_behind(a, b); });
}

/// In order of time. Where too much would be held, the oldest goes on all the same.
void OperatorDesk::release(std::vector<Reading>& out) {
  bound_ = parts_.slowest();
  while (!held_.empty() && (time_of(held_.front()) <= bound_ || held_.size() > most_held)) {
    std::ranges::pop_heap(held_, [this](const auto& a, const auto& b) { return is_behind(a, b); });
    const Reading next = held_.back();
    held_.pop_back();
    give(next, out);
  }
}

void OperatorDesk::save(Remembered& out) const {
  for (const auto& named : operators_) {
    auto learned = named.made->save();
    if (!learned.empty()) out.emplace_back(key_of(named), std::move(learned));
  }
}

Duration OperatorDesk::memory() const {
  Duration longest{};
  for (const auto& named : operators_) longest = std::max(longest, named.made->memory());
  return longest;
}

/// In order of declaration: what an operator gives stands behind what it is made of, also in the
/// table that the store brings back, so it is known as derived before anybody meets it.
void OperatorDesk::refresh() {
  if (operators_.empty()) return;
  while (takers_.size() < series_.size()) {
    const SeriesId id{static_cast<std::uint32_t>(takers_.size())};
    if (giver_.size() <= id.index) giver_.resize(id.index + 1, from_outside);
    const std::size_t first =
        giver_[id.index] == from_outside ? 0 : giver_[id.index] + std::size_t{1};
    std::uint32_t takers = 0;
    double reach = 0;
    for (std::size_t i = first; i < operators_.size(); ++i) {
      Ground ground(*this, static_cast<std::uint8_t>(i));
      if (!operators_[i].made->meet(id, series_[id], ground)) continue;
      takers |= 1U << i;
      reach = std::max(reach, operators_[i].made->reach_of_place(id));
    }
    takers_.push_back(takers);
    reaches_.push_back(static_cast<float>(reach));
  }
}

void OperatorDesk::show(const Reading& reading, std::vector<Reading>& out) {
  if (reading.series.index >= takers_.size()) return;
  for (std::uint32_t left = takers_[reading.series.index]; left != 0; left &= left - 1) {
    operators_[static_cast<std::size_t>(std::countr_zero(left))].made->take(reading, out);
  }
}

/// To those behind the ones that gave it.
void OperatorDesk::pass_on(std::size_t begin, std::vector<Reading>& out) {
  for (std::size_t i = begin; i < out.size(); ++i) {
    const Reading next = out[i];  // `out` may grow
    show(next, out);
  }
}

void OperatorDesk::give(const Reading& reading, std::vector<Reading>& out) {
  const std::size_t begin = out.size();
  show(reading, out);
  pass_on(begin, out);
}

void OperatorDesk::settle(std::vector<Reading>& out) {
  release(out);
  for (const auto& named : operators_) {
    const std::size_t begin = out.size();
    named.made->settle(out);
    pass_on(begin, out);
  }
  count();
}

void OperatorDesk::advance(Timestamp now, std::vector<Reading>& out) {
  if (parts_.is_any_waited_for()) return;
  for (const auto& named : operators_) {
    const std::size_t begin = out.size();
    named.made->advance(now, out);
    pass_on(begin, out);
  }
  count();
}

void OperatorDesk::take_again(std::span<const Reading> readings) {
  for (const Reading& reading : readings) {
    if (is_place(reading.series)) show(reading, known_);
  }
  for (const Reading& reading : readings) {
    if (!is_place(reading.series)) show(reading, known_);
    known_.clear();
  }
}

void OperatorDesk::end_of_past() {
  for (std::size_t i = 0; i < operators_.size(); ++i) {
    operators_[i].made->settle(known_);
    before_[i] = operators_[i].made->counts();
    told_strays_[i] = before_[i].strays;
    strays_.with([&](auto& strays) { strays[i] = operators_[i].made->strays(); });
  }
  known_ = {};
  past_ = {};
}

void OperatorDesk::count() {
  for (std::size_t i = 0; i < operators_.size(); ++i) {
    const auto counts = operators_[i].made->counts();
    const auto now = as_list(counts);
    const auto before = as_list(before_[i]);
    for (std::size_t k = 0; k < figures; ++k) {
      counted_[i].at(k).store(now.at(k) - before.at(k), std::memory_order_relaxed);
    }
    if (counts.strays != told_strays_[i]) tell_strays(i, counts);
  }
}

/// The first ones by name in the log; the last ones are in the status.
void OperatorDesk::tell_strays(std::size_t of, const OperatorCounts& counts) {
  const auto& named = operators_[of];
  auto strays = named.made->strays();
  const auto fresh = std::min<std::uint64_t>(counts.strays - told_strays_[of], strays.size());
  auto told = told_strays_[of] - before_[of].strays;
  for (auto i = strays.size() - fresh; i < strays.size() && told <= most_strays_in_log; ++i) {
    if (told == most_strays_in_log) {
      log::warning("operators", "{}: more objects stand in no zone; /api/system has the last ones",
                   named.name);
    } else {
      log::warning("operators", "{}: {}", named.name, sentence_of(strays[i]));
    }
    ++told;
  }
  told_strays_[of] = counts.strays;
  strays_.with([&](auto& all) { all[of] = std::move(strays); });
}

std::vector<OperatorStatus> OperatorDesk::status() const {
  std::vector<OperatorStatus> all;
  all.reserve(operators_.size());
  for (std::size_t i = 0; i < operators_.size(); ++i) {
    const auto figure = [&](std::size_t k) {
      return counted_[i].at(k).load(std::memory_order_relaxed);
    };
    all.push_back(
        {operators_[i].name,
         operators_[i].kind,
         {figure(0), figure(1), figure(2), figure(3), figure(4), figure(5), figure(6), figure(7)},
         {}});
  }
  strays_.with([&](const auto& strays) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i].strays = strays[i];
  });
  return all;
}

}  // namespace sosie
