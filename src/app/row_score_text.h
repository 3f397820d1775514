#pragma once

#include <string>

#include "evaluation/row_score.h"
#include "wire/json/writer.h"

namespace sosie::app {

/// A line a figure: what it is, its interval, and the floors'.
std::string to_text(const RowScore& score);

/// Members "nab_raw", "figures" and "floors" of an object that is begun.
void write_figures(json::Writer& out, const RowScore& score);

}  // namespace sosie::app
