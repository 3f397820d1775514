#include "engine/pace_gate.h"

#include <algorithm>

namespace sosie {
namespace {

bool is_same(const Symptom& a, const Symptom& b) {
  return a.kind == b.kind && a.column == b.column && a.detector == b.detector && a.rule == b.rule;
}

/// Judged by the step from one value to the next. A clock that is fast is no matter of rate.
bool is_of_rate(const Symptom& symptom) {
  switch (symptom.kind) {
    case SymptomKind::noise:
    case SymptomKind::rate:
    case SymptomKind::spike:
      return true;
    case SymptomKind::missing:
      return symptom.rule.empty();
    default:
      return false;
  }
}

std::vector<Symptom>::iterator find(std::vector<Symptom>& among, const Symptom& symptom) {
  return std::ranges::find_if(among, [&](const Symptom& one) { return is_same(one, symptom); });
}

}  // namespace

void PaceGate::report(const Pace& pace, const Frame& frame, const Symptom& symptom,
                      SymptomSink& next) {
  if (!is_of_rate(symptom) || !pace.is_regular(symptom.column)) {
    next.report(symptom);
    return;
  }
  if (!symptom.active) {
    end(symptom, next);
    return;
  }
  const bool is_missing = symptom.kind == SymptomKind::missing;
  if (pace.is_other(symptom.column) && !(is_missing && pace.is_silent(frame, symptom.column))) {
    return;
  }
  if (!is_missing || find(told_, symptom) != told_.end()) {
    tell(symptom, next);
    return;
  }
  missing_count_ += missing_[symptom.column] == 0 ? 1U : 0U;
  missing_[symptom.column] = 1;
  if (held_.empty()) held_since_ = frame.at;
  if (const auto known = find(held_, symptom); known != held_.end()) {
    *known = symptom;
  } else {
    held_.push_back(symptom);
    held_.back().shares = {};
  }
}

void PaceGate::end(const Symptom& symptom, SymptomSink& next) {
  if (const auto held = find(held_, symptom); held != held_.end()) {
    next.report(*held);
    held_.erase(held);
  }
  if (const auto told = find(told_, symptom); told != told_.end()) told_.erase(told);
  if (symptom.kind == SymptomKind::missing && missing_[symptom.column] != 0) {
    missing_[symptom.column] = 0;
    --missing_count_;
  }
  next.report(symptom);
}

void PaceGate::tell(const Symptom& symptom, SymptomSink& next) {
  if (const auto known = find(told_, symptom); known != told_.end()) {
    *known = symptom;
  } else {
    told_.push_back(symptom);
    told_.back().shares = {};
  }
  next.report(symptom);
}

void PaceGate::settle(const Pace& pace, const Frame& frame, SymptomSink& next) {
  if (held_.empty()) return;
  const bool are_many = missing_count_ >= 2 && 2 * missing_count_ >= pace.regular();
  const auto wait = std::min<Duration>(patience * pace.usual(), most_patience);
  if (are_many && frame.at - held_since_ < wait) return;
  for (const Symptom& symptom : held_) tell(symptom, next);
  held_.clear();
}

void PaceGate::end_explained(const Pace& pace, const Frame& frame, SymptomSink& next) {
  std::erase_if(held_, [&](const Symptom& symptom) { return pace.is_other(symptom.column); });
  std::erase_if(told_, [&](Symptom symptom) {
    if (!pace.is_other(symptom.column)) return false;
    symptom.active = false;
    symptom.at = frame.at;
    next.report(symptom);
    return true;
  });
  std::ranges::fill(missing_, std::uint8_t{0});
  missing_count_ = 0;
}

}  // namespace sosie
