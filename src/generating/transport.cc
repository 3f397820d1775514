#include "generating/transport.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"

namespace sosie::generating {

Result<Mishaps> Mishaps::read(Section& section) {
  Mishaps made;
  double total = 0;
  const std::array<std::pair<const char*, double*>, 4> shares{{{"late", &made.late},
                                                               {"duplicate", &made.duplicate},
                                                               {"out_of_order", &made.out_of_order},
                                                               {"cut", &made.cut}}};
  for (const auto& [key, share] : shares) {
    *share = TRY(section.number(key, 0));
    if (!(*share >= 0 && *share <= 1)) {
      return section.wrong(key, fmt::format("is {}, expected a share from 0 to 1", *share));
    }
    total += *share;
    if (total > 1) return section.wrong(key, "makes more than all messages with those before it");
  }
  made.late_by = TRY(section.duration("late_by", made.late_by));
  if (made.late_by <= Duration::zero() || made.late_by > std::chrono::hours(24)) {
    return section.wrong("late_by", "must be above 0s and at most 24h");
  }
  return made;
}

Transport::Transport(const Mishaps& mishaps, std::uint64_t seed, Duration period)
    : seed_(seed),
      period_(period),
      late_by_(mishaps.late_by),
      late_(mishaps.late),
      duplicate_(late_ + mishaps.duplicate),
      out_of_order_(duplicate_ + mishaps.out_of_order),
      cut_(out_of_order_ + mishaps.cut) {}

Transport::Fate Transport::fate(std::uint64_t sequence) const {
  if (cut_ <= 0) return {};
  Random random(seed_ ^ (sequence * 0x9e3779b97f4a7c15U));
  const double draw = random.uniform();
  if (draw >= cut_) return {};
  const double share = random.uniform();
  const auto part = [&](Duration whole, double from, double to) {
    return Duration(static_cast<Duration::rep>(static_cast<double>(whole.count()) *
                                               (from + (to - from) * share)));
  };
  if (draw < late_) return {.mishap = Mishap::late, .held = part(late_by_, 0.5, 1)};
  if (draw < duplicate_) return {.mishap = Mishap::duplicate, .held = part(period_, 0, 1)};
  if (draw < out_of_order_) {
    return {.mishap = Mishap::out_of_order, .held = part(period_, 1.01, 2)};
  }
  return {.mishap = Mishap::cut, .kept = share};
}

namespace {

/// For a heap whose front is the next.
bool comes_later(const HeldBack::Message& a, const HeldBack::Message& b) {
  return std::pair(a.due, a.order) > std::pair(b.due, b.order);
}

}  // namespace

void HeldBack::put(Message message) {
  message.order = next_order_++;
  heap_.push_back(std::move(message));
  std::ranges::push_heap(heap_, comes_later);
}

std::optional<HeldBack::Message> HeldBack::take(Timestamp now) {
  if (heap_.empty() || heap_.front().due > now) return std::nullopt;
  std::ranges::pop_heap(heap_, comes_later);
  Message next = std::move(heap_.back());
  heap_.pop_back();
  return next;
}

}  // namespace sosie::generating
