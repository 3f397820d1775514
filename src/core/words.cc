#include <array>

#include <fmt/format.h>

#include "core/alarm.h"
#include "core/detector.h"
#include "core/finding.h"
#include "core/reading.h"

namespace sosie {
namespace {

constexpr std::array<std::string_view, 3> qualities{"good", "uncertain", "bad"};
constexpr std::array<std::string_view, 9> reasons{
    "",     "stale",       "out_of_range",  "sensor_fault", "clock_skew",
    "late", "substituted", "not_connected", "maintenance"};
constexpr std::array<std::string_view, 13> symptoms{
    "limit", "out_of_range", "rate",         "spike",  "stuck",   "noise",    "missing",
    "drift", "residual",     "multivariate", "replay", "command", "deviation"};
constexpr std::array<std::string_view, kind_count> kinds{"sensor_failure", "sensor_drift",
                                                         "pollution_peak", "process_malfunction",
                                                         "cyber_attack",   "unknown"};
constexpr std::array<std::string_view, 5> priorities{"", "critical", "high", "medium", "low"};
constexpr std::array<std::string_view, 8> steps{"raised",    "cleared", "acknowledged", "shelved",
                                                "unshelved", "changed", "taken_over",   "given_up"};

constexpr std::array<std::string_view, 5> changes{"opened", "updated", "closed", "taken_over",
                                                  "given_up"};

template <class Enum, std::size_t Count>
std::optional<Enum> from_text(const std::array<std::string_view, Count>& words,
                              std::string_view text) {
  for (std::size_t i = 0; i < Count; ++i) {
    if (!text.empty() && words.at(i) == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(Quality quality) {
  return qualities.at(static_cast<std::size_t>(quality));
}
std::string_view to_text(QualityReason reason) {
  return reasons.at(static_cast<std::size_t>(reason));
}
std::string_view to_text(SymptomKind kind) {
  return symptoms.at(static_cast<std::size_t>(kind));
}
std::string_view to_text(Kind kind) {
  return kinds.at(static_cast<std::size_t>(kind));
}
std::optional<Kind> kind_from_text(std::string_view text) {
  return from_text<Kind>(kinds, text);
}
std::string_view to_text(Priority priority) {
  return priorities.at(static_cast<std::size_t>(priority));
}
std::optional<Priority> priority_from_text(std::string_view text) {
  return from_text<Priority>(priorities, text);
}
std::string_view to_text(FindingEvent::What what) {
  return changes.at(static_cast<std::size_t>(what));
}
std::string_view to_text(AlarmEvent::What what) {
  return steps.at(static_cast<std::size_t>(what));
}

std::string episode_text(std::uint64_t episode) {
  return fmt::format("{:016x}", episode);
}

const Words& name_of(Kind kind) {
  static const std::array<Words, kind_count> names{{
      {"sensor failure", "défaillance de capteur"},
      {"sensor drift", "dérive de capteur"},
      {"pollution peak", "pic de pollution"},
      {"process malfunction", "dysfonctionnement du procédé"},
      {"cyber attack", "cyberattaque"},
      {"unknown cause", "cause inconnue"},
  }};
  return names.at(static_cast<std::size_t>(kind));
}

}  // namespace sosie
