#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "evaluation/spans.h"

namespace sosie::app {

/// The labelled windows of `input` in the JSON file at `path`: a list of [begin, end], or an object
/// of such lists by file name, as NAB has it (the longest name that `input` ends with is meant).
/// Errors: not_found; invalid (another shape, no such name, a time that cannot be read).
Result<std::vector<sosie::Span>> read_windows(const std::string& path, const std::string& input);

}  // namespace sosie::app
