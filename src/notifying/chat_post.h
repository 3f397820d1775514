#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/notifier.h"
#include "core/section.h"
#include "notifying/wording.h"

namespace sosie {

/// How a chat wants a step of an alarm told, as JSON.
using ChatBody = std::string(const Wording& wording, const AlarmEvent& event,
                             const SeriesTable& series);

/// A notifier that posts each asked-for step to a channel of a chat, whose address is a secret
/// (HttpPost::read_secret). Keys: those, StepFilter's and Wording's. `name` and `body` are kept.
Result<std::unique_ptr<Notifier>> read_chat_post(Section& section, std::string_view name,
                                                 ChatBody* body);

}  // namespace sosie
