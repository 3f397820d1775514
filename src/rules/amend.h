#pragma once

#include <span>

#include "rules/episode.h"
#include "rules/spell.h"

namespace sosie::rules {

/// One change of what was said.
struct Change {
  EpisodeEvent::What what = EpisodeEvent::What::opened;
  Spell spell;
  Micros former = never;  ///< onset that it had before, where that moved
};

/// Gets changes, one at a time.
class Changes {
 public:
  virtual ~Changes() = default;
  virtual void change(const Change& change) = 0;
};

/// Tells what makes `after` of `before`, both in order of time and without overlap. An episode of
/// the same onset is the same; one that overlaps a lost one has moved.
void amend(std::span<const Spell> before, std::span<const Spell> after, Changes& out);

}  // namespace sosie::rules
