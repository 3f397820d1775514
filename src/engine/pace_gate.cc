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

/// In the place of what was known of it, if anything was.
void put(const Symptom& symptom, std::vector<Symptom>& among) {
  if (const auto known = find(among, symptom); known != among.end()) {
    *known = symptom;
    known->shares = {};
  } else {
    among.push_back(symptom);
    among.back().shares = {};
  }
}

/// Its sensor is silent by its own rate, whichever that is.
bool is_of_silence(const Pace& pace, const Frame& frame, const Symptom& symptom) {
  return symptom.kind == SymptomKind::missing && pace.is_silent(frame, symptom.column);
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
  if (pace.is_other(symptom.column) && !is_of_silence(pace, frame, symptom)) {
    hide(symptom);
    return;
  }
  if (symptom.kind != SymptomKind::missing || find(told_, symptom) != told_.end()) {
    tell(symptom, next);
    return;
  }
  missing_count_ += missing_[symptom.column] == 0 ? 1U : 0U;
  missing_[symptom.column] = 1;
  if (held_.empty()) held_since_ = frame.at;
  put(symptom, held_);
}

void PaceGate::hide(const Symptom& symptom) {
  std::erase_if(hidden_, [&](const Hidden& one) { return is_same(one.symptom, symptom); });
  hidden_.push_back({.symptom = symptom});
  hidden_.back().symptom.shares = {};
}

void PaceGate::end(const Symptom& symptom, SymptomSink& next) {
  if (const auto held = find(held_, symptom); held != held_.end()) {
    next.report(*held);
    held_.erase(held);
  }
  if (const auto told = find(told_, symptom); told != told_.end()) told_.erase(told);
  std::erase_if(hidden_, [&](const Hidden& one) { return is_same(one.symptom, symptom); });
  if (symptom.kind == SymptomKind::missing && missing_[symptom.column] != 0) {
    missing_[symptom.column] = 0;
    --missing_count_;
  }
  next.report(symptom);
}

void PaceGate::tell(const Symptom& symptom, SymptomSink& next) {
  std::erase_if(hidden_, [&](const Hidden& one) { return is_same(one.symptom, symptom); });
  put(symptom, told_);
  next.report(symptom);
}

void PaceGate::tell_hidden(const Pace& pace, const Frame& frame, SymptomSink& next) {
  const auto wait = to_forget * pace.usual() + to_end;
  std::vector<Symptom> due;
  for (auto& [symptom, usual_since] : hidden_) {
    if (pace.is_other(symptom.column)) {
      usual_since = {};
    } else if (usual_since == Timestamp{}) {
      usual_since = frame.at;
    }
    const bool is_usual = usual_since != Timestamp{} && frame.at - usual_since >= wait;
    const bool is_silent = is_of_silence(pace, frame, symptom);
    if (!is_usual && !is_silent) continue;
    due.push_back(symptom);
    due.back().at = frame.at;
    // How it was before says nothing: the other rate may have begun it.
    if (!is_silent) due.back().since = std::max(symptom.since, usual_since);
  }
  for (const Symptom& symptom : due) tell(symptom, next);
}

void PaceGate::settle(const Pace& pace, const Frame& frame, SymptomSink& next) {
  if (!hidden_.empty()) tell_hidden(pace, frame, next);
  if (held_.empty()) return;
  const bool are_many = missing_count_ >= 2 && 2 * missing_count_ >= pace.regular();
  const auto wait = std::min<Duration>(patience * pace.usual(), most_patience);
  if (are_many && frame.at - held_since_ < wait) return;
  for (const Symptom& symptom : held_) tell(symptom, next);
  held_.clear();
}

void PaceGate::end_explained(const Pace& pace, const Frame& frame, SymptomSink& next) {
  std::erase_if(held_, [&](const Symptom& symptom) {
    if (!pace.is_other(symptom.column)) return false;
    hide(symptom);
    return true;
  });
  std::erase_if(told_, [&](Symptom symptom) {
    if (!pace.is_other(symptom.column)) return false;
    hide(symptom);
    symptom.active = false;
    symptom.at = symptom.until = frame.at;
    next.report(symptom);
    return true;
  });
  std::ranges::fill(missing_, std::uint8_t{0});
  missing_count_ = 0;
}

}  // namespace sosie
