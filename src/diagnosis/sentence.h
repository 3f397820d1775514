#pragma once

#include "diagnosis/episode.h"

namespace sosie::diagnosis {

/// One sentence, in English and French, for an operator: which sensor, what it shows, what was
/// expected, for how long, and the likely cause. Uses `finding`'s kind, suspects and onset.
Words sentence(const Asset& asset, const Episode& episode, const Finding& finding, Timestamp now);

}  // namespace sosie::diagnosis
