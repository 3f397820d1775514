#include "rules/book.h"

#include <algorithm>

#include <fmt/format.h>

#include "rules/bytes.h"

namespace sosie::rules {
namespace {

Timestamp instant(Micros at) {
  return Timestamp(Duration(at));
}

}  // namespace

RuleBook::RuleBook(RuleSet rules, const SeriesTable& series, IsDerived is_derived)
    : set_(std::move(rules)),
      series_(&series),
      lateness_(set_.lateness.count()),
      devices_(series),
      is_derived_(std::move(is_derived)),
      silences_(lateness_),
      groups_(rules_, lateness_) {
  rules_.reserve(set_.rules.size());
  for (std::uint32_t i = 0; i < set_.rules.size(); ++i) {
    const Rule& rule = set_.rules[i];
    rules_.emplace_back(rule);
    if (rule.kind == RuleKind::silence) silences_.add_rule(i, rule.after.count());
  }
  refresh();
}

void RuleBook::refresh() {
  if (set_.empty()) return;
  const auto size = static_cast<std::uint32_t>(series_->size());
  while (routes_.size() < size) {
    routes_.emplace_back();
    route(SeriesId{static_cast<std::uint32_t>(routes_.size() - 1)});
  }
}

/// A series that has come: which rules look at it.
void RuleBook::route(SeriesId id) {
  const SeriesInfo& info = (*series_)[id];
  const auto name = info.name();
  std::vector<std::uint32_t> fitting;
  for (std::uint32_t i = 0; i < set_.rules.size(); ++i) {
    if (set_.rules[i].fits(info, name)) fitting.push_back(i);
  }
  if (fitting.empty()) return;
  Route& route = routes_[id.index];
  const std::size_t known = devices_.size();
  route.is_derived = is_derived_ && is_derived_(id);
  const auto of = devices_.find(info.entity);
  if (of != Devices::none) route.previous = devices_.youngest(of).index;
  if (route.is_derived && of != Devices::none) {  // behind the device's own, by which it is named
    Route& own = routes_[route.previous];
    route.previous = std::exchange(own.previous, id.index);
    route.device = of;
  } else {
    route.device = devices_.add(id);
  }
  if (devices_.size() != known) add_device_checks(route.device, id);
  route.first_track = static_cast<std::uint32_t>(tracks_.size());
  bool has_member = false;
  for (const auto i : fitting) {
    const Rule& rule = set_.rules[i];
    if (rule.kind != RuleKind::limit) continue;
    if (!rule.is_of_group()) {
      tracks_.push_back(Track(id, i));
      ++route.tracks;
    } else if (const auto group = Groups::name_of(rule, info); !group.empty()) {
      const auto member = groups_.add(i, group, id, route.device);
      if (!std::exchange(has_member, true)) route.first_member = member;
      ++route.members;
    }
  }
  route.fence_parts = fence_parts(route.device, info);
}

void RuleBook::add_device_checks(std::uint32_t device, SeriesId id) {
  const SeriesInfo& info = (*series_)[id];
  Device checks;
  checks.first_silence = silences_.size();
  checks.first_fence = static_cast<std::uint32_t>(fences_.size());
  for (std::uint32_t which = 0; which < silences_.rule_count(); ++which) {
    if (!set_.rules[silences_.rule(which)].fits(info, {})) continue;
    silences_.add(which, device);
    ++checks.silences;
  }
  for (std::uint32_t i = 0; i < set_.rules.size(); ++i) {
    const Rule& rule = set_.rules[i];
    if (rule.kind != RuleKind::geofence || !rule.fits(info, {})) continue;
    fences_.push_back({device, {}, Track(id, i)});
    ++checks.fences;
  }
  checks_.push_back(checks);
}

std::uint16_t RuleBook::fence_parts(std::uint32_t device, const SeriesInfo& info) const {
  const Device& checks = checks_[device];
  unsigned parts = 0;
  for (unsigned i = 0; i < checks.fences; ++i) {
    const Rule& rule = set_.rules[fences_[checks.first_fence + i].track.rule()];
    if (info.attribute == rule.latitude) parts |= 1U << (2 * i);
    if (info.attribute == rule.longitude) parts |= 2U << (2 * i);
  }
  return static_cast<std::uint16_t>(parts);
}

void RuleBook::judge(Track& track, Micros at, double value, const Teller& teller, Events& out) {
  ++counts_.judged;
  const bool is_taken = track.take_in_order(
      rules_[track.rule()], at, value, lateness_,
      [&](const Spell& spell) {
        say(teller, {EpisodeEvent::What::opened, spell, never}, false, out);
      },
      [&](const Spell& spell) {
        say(teller, {EpisodeEvent::What::closed, spell, never}, false, out);
      });
  if (!is_taken) judge_late(track, at, value, teller, out);
}

void RuleBook::judge_late(Track& track, Micros at, double value, const Teller& teller,
                          Events& out) {
  switch (track.take_late(rules_[track.rule()], at, value, lateness_, before_, after_)) {
    case Track::Took::duplicate:
      ++counts_.duplicate;
      return;
    case Track::Took::too_late:
      ++counts_.too_late;
      return;
    case Track::Took::in_order:
      return;
    case Track::Took::late:
      break;
  }
  ++counts_.late;
  say_amended(teller, out);
}

/// What makes after_ of before_.
void RuleBook::say_amended(const Teller& teller, Events& out) {
  struct Say final : Changes {
    Say(RuleBook& says, const Teller& of, Events& events) : book(says), teller(of), out(events) {}
    void change(const Change& change) override { book.say(teller, change, true, out); }
    RuleBook& book;
    const Teller& teller;
    Events& out;
  } say(*this, teller, out);
  amend(before_, after_, say);
}

void RuleBook::move_limits(std::uint32_t rule, Timestamp since, double high, double low,
                           Events& out) {
  const Micros from = since.time_since_epoch().count();
  const Course before = rules_[rule];
  rules_[rule].move(from, high, low);
  if (lateness_ == 0) return;  // nothing is kept that could be judged anew
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    Track& track = tracks_[i];
    if (track.rule() != rule || track.newest() < from) continue;
    track.judge_anew(before, rules_[rule], before_, after_);
    say_amended({rule, track.series()}, out);
  }
}

/// Makes events of what silences say.
class RuleBook::SaySilence final : public Silences::Sink {
 public:
  SaySilence(RuleBook& book, Events& out) : book_(book), out_(out) {}
  void change(const Silences::Of& of, const Change& change, bool is_late) override {
    book_.say({of.rule, book_.devices_.youngest(of.device), of.device}, change, is_late, out_);
  }

 private:
  RuleBook& book_;
  Events& out_;
};

void RuleBook::take_of_device(const Route& route, Micros at, double value, SeriesId series,
                              Events& out) {
  for (std::uint32_t i = 0; i < route.members; ++i) {
    ++counts_.judged;
    if (!groups_.take(route.first_member + i, at, value)) ++counts_.too_late;
  }
  const Device checks = checks_[route.device];
  if (!route.is_derived) {
    parts_.see(checks.part, at);
    if (checks.silences > 0) take_of_silences(checks, at, out);
  }
  if (route.fence_parts != 0) take_of_fences(route, at, value, series, out);
}

void RuleBook::take_of_silences(const Device& checks, Micros at, Events& out) {
  SaySilence say(*this, out);
  for (std::uint32_t i = 0; i < checks.silences; ++i) {
    ++counts_.judged;
    const auto took = silences_.take(checks.first_silence + i, at, say);
    counts_.late += took == Silences::Took::late ? 1 : 0;
    counts_.too_late += took == Silences::Took::too_late ? 1 : 0;
  }
}

void RuleBook::take_of_fences(const Route& route, Micros at, double value, SeriesId series,
                              Events& out) {
  const Device checks = checks_[route.device];
  for (unsigned i = 0; route.fence_parts >> (2 * i) != 0; ++i) {
    const unsigned part = (route.fence_parts >> (2 * i)) & 3U;
    if (part == 0) continue;
    Fence& fence = fences_[checks.first_fence + i];
    const auto which = part == 1 ? Halves::Which::latitude : Halves::Which::longitude;
    Place place;
    if (!fence.halves.take(which, at, value, at - lateness_, place)) continue;
    const Rule& rule = set_.rules[fence.track.rule()];
    const bool is_wrong = rule.area->covers(place) == rule.is_wrong_inside;
    judge(fence.track, at, is_wrong ? 1 : 0, {fence.track.rule(), series, route.device}, out);
  }
}

void RuleBook::settle(Events& out) {
  settle(never, out);
}

void RuleBook::advance(Timestamp now, Events& out) {
  settle(now.time_since_epoch().count(), out);
}

void RuleBook::settle(Micros now, Events& out) {
  if (silences_.rule_count() > 0) {
    SaySilence say(*this, out);
    silences_.settle(now, parts_, say);
  }
  groups_.settle(parts_.slowest(), say_group(EpisodeEvent::What::opened, out),
                 say_group(EpisodeEvent::What::closed, out));
}

Groups::Opened RuleBook::say_group(EpisodeEvent::What what, Events& out) {
  return [this, what, &out](const Groups::Group& group, const Spell& spell) {
    say({group.rule, group.worst, none, group.name}, {what, spell, never}, false, out);
  };
}

void RuleBook::be_whole(bool is_whole, Events& out) {
  groups_.be_whole(is_whole, say_group(EpisodeEvent::What::closed, out));
}

void RuleBook::say(const Teller& teller, const Change& change, bool is_late, Events& out) {
  using What = EpisodeEvent::What;
  const Rule& rule = set_.rules[teller.rule];  // for its name
  EpisodeEvent event;
  event.what = change.what;
  event.is_late = is_late;
  Episode& episode = event.episode;
  episode.rule = teller.rule;
  episode.series = teller.series;
  if (!teller.group.empty()) {
    episode.subject = teller.group;
  } else if (teller.device != none) {
    episode.subject = devices_.name(teller.device);
  } else {
    episode.subject = (*series_)[teller.series].name();
  }
  episode.onset = instant(change.spell.onset);
  episode.detected = instant(change.spell.detected);
  if (change.spell.closed != never) episode.closed = instant(change.spell.closed);
  episode.value = change.spell.value;
  episode.id = episode_id(episode.subject, rule.name, episode.onset);
  if (change.former != never) {
    event.former = episode_id(episode.subject, rule.name, instant(change.former));
  }
  counts_.opened += change.what == What::opened ? 1 : 0;
  counts_.amended += change.what == What::amended ? 1 : 0;
  counts_.withdrawn += change.what == What::withdrawn ? 1 : 0;
  out.push_back(std::move(event));
}

bool RuleBook::resume(std::string_view rule, const Episode& open, Timestamp since) {
  const auto found = std::ranges::find(set_.rules, rule, &Rule::name);
  if (found == set_.rules.end()) return false;
  const auto number = static_cast<std::uint32_t>(found - set_.rules.begin());
  const Spell spell{open.onset.time_since_epoch().count(), open.detected.time_since_epoch().count(),
                    never, static_cast<float>(open.value)};
  if (found->is_of_group()) return groups_.resume(number, open.subject, spell);
  if (found->kind != RuleKind::silence) {
    Track* const known = track_of(number, open.subject);
    if (known == nullptr) return false;
    known->resume(spell, since.time_since_epoch().count());
    return true;
  }
  const auto device = devices_.find(open.subject);
  if (device == Devices::none) return false;
  const Device checks = checks_[device];
  for (std::uint32_t i = 0; i < checks.silences; ++i) {
    if (silences_.rule(silences_.which(checks.first_silence + i)) != number) continue;
    silences_.resume(checks.first_silence + i, spell.onset);
    return true;
  }
  return false;
}

bool RuleBook::has_open(std::string_view rule, const Episode& open) {
  const auto found = std::ranges::find(set_.rules, rule, &Rule::name);
  if (found == set_.rules.end()) return false;
  if (found->is_of_group() || found->kind == RuleKind::silence) return true;
  const auto number = static_cast<std::uint32_t>(found - set_.rules.begin());
  const Track* const track = track_of(number, open.subject);
  return track != nullptr && track->now().is_active() &&
         track->now().since == open.onset.time_since_epoch().count();
}

Track* RuleBook::track_of(std::uint32_t rule, std::string_view subject) {
  if (set_.rules[rule].kind == RuleKind::limit) {
    const auto series = series_->find_name(subject);
    if (!series || series->index >= routes_.size()) return nullptr;
    const Route& route = routes_[series->index];
    for (std::uint32_t i = 0; i < route.tracks; ++i) {
      Track& track = tracks_[route.first_track + i];
      if (track.rule() == rule) return &track;
    }
    return nullptr;
  }
  const auto device = devices_.find(subject);
  if (device == Devices::none) return nullptr;
  const Device checks = checks_[device];
  for (std::uint32_t i = 0; i < checks.fences; ++i) {
    Track& track = fences_[checks.first_fence + i].track;
    if (track.rule() == rule) return &track;
  }
  return nullptr;
}

void RuleBook::move(SeriesId series, std::uint16_t part) {
  if (series.index >= routes_.size() || routes_[series.index].device == none) return;
  Device& checks = checks_[routes_[series.index].device];
  checks.part = part;
  for (std::uint32_t i = 0; i < checks.silences; ++i)
    silences_.move(checks.first_silence + i, part);
}

void RuleBook::forget(SeriesId series) {
  if (series.index >= routes_.size() || routes_[series.index].device == none) return;
  const std::uint32_t device = routes_[series.index].device;
  for (auto i = devices_.youngest(device).index; i != none; i = routes_[i].previous) {
    const Route& route = routes_[i];
    for (std::uint32_t t = 0; t < route.tracks; ++t) {
      Track& track = tracks_[route.first_track + t];
      track = Track(track.series(), track.rule());
    }
    for (std::uint32_t m = 0; m < route.members; ++m) groups_.forget(route.first_member + m);
  }
  const Device checks = checks_[device];
  for (std::uint32_t i = 0; i < checks.silences; ++i) silences_.forget(checks.first_silence + i);
  for (std::uint32_t i = 0; i < checks.fences; ++i) {
    Fence& fence = fences_[checks.first_fence + i];
    fence.halves = Halves();
    fence.track = Track(fence.track.series(), fence.track.rule());
  }
}

std::size_t RuleBook::bytes() const {
  std::size_t bytes = routes_.capacity() * sizeof(Route) + checks_.capacity() * sizeof(Device) +
                      devices_.bytes() + silences_.bytes() + groups_.bytes() + tracks_.bytes() +
                      fences_.bytes();
  for (std::size_t i = 0; i < tracks_.size(); ++i) bytes += tracks_[i].ring_bytes();
  for (std::size_t i = 0; i < fences_.size(); ++i) bytes += fences_[i].track.ring_bytes();
  return bytes;
}

}  // namespace sosie::rules
