#pragma once

#include <string>

#include "evaluation/score.h"
#include "wire/json/writer.h"

namespace sosie::app {

/// The scoreboard for people: figures beside their floors, then a line a kind.
std::string to_text(const Score& score);

void write(json::Writer& out, const Score& score);

}  // namespace sosie::app
