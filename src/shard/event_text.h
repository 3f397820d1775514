#pragma once

#include <string>

#include "core/series.h"
#include "rules/episode.h"
#include "rules/rule.h"

namespace sosie {

/// What became of an episode, as JSON for other programs: the episode as it is now, under its id.
std::string event_text(const rules::EpisodeEvent& event, const rules::Rule& rule,
                       const SeriesInfo& info);

}  // namespace sosie
