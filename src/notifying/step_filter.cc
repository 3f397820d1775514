#include "notifying/step_filter.h"

#include <algorithm>
#include <array>

namespace sosie {
namespace {

using What = AlarmEvent::What;

constexpr std::array<std::string_view, 8> step_names{"raised",     "cleared",   "acknowledged",
                                                     "shelved",    "unshelved", "changed",
                                                     "taken_over", "given_up"};
constexpr std::array<std::string_view, 4> priority_names{"critical", "high", "medium", "low"};

}  // namespace

Result<StepFilter> StepFilter::read(Section& section) {
  StepFilter filter;
  const auto texts = TRY(section.texts("steps"));
  for (const auto& text : texts) {
    const auto* const found = std::ranges::find(step_names, text);
    if (found == step_names.end()) return section.wrong_choice("steps", text, step_names);
    filter.steps.insert(static_cast<What>(found - step_names.begin()));
  }
  if (filter.steps.empty()) {
    filter.steps = {What::raised, What::changed, What::cleared, What::unshelved};
  }
  const auto lowest = TRY(section.choice("min_priority", "low", priority_names));
  filter.min_priority = priority_from_text(lowest).value_or(Priority::low);
  return filter;
}

bool StepFilter::wants(const AlarmEvent& event) const {
  if (event.alarm.priority > min_priority || !steps.contains(event.what)) return false;
  return !event.alarm.is_shelved() || event.what == What::shelved;
}

}  // namespace sosie
