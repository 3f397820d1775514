#include "rules/amend.h"

#include <limits>

namespace sosie::rules {
namespace {

using What = EpisodeEvent::What;

Micros end_of(const Spell& spell) {
  return spell.closed == never ? std::numeric_limits<Micros>::max() : spell.closed;
}

bool overlap(const Spell& a, const Spell& b) {
  return a.onset < end_of(b) && b.onset < end_of(a);
}

/// A new one may be over already: it is told in two steps, as if it had been lived.
void add(const Spell& spell, Changes& out) {
  Spell open = spell;
  open.closed = never;
  out.change({What::opened, open, never});
  if (spell.closed != never) out.change({What::closed, spell, never});
}

}  // namespace

void amend(std::span<const Spell> before, std::span<const Spell> after, Changes& out) {
  std::size_t b = 0;
  std::size_t a = 0;
  while (b < before.size() || a < after.size()) {
    const bool has_both = b < before.size() && a < after.size();
    if (has_both && before[b].onset == after[a].onset) {
      if (before[b] != after[a]) out.change({What::amended, after[a], never});
      ++b;
      ++a;
    } else if (has_both && overlap(before[b], after[a])) {
      out.change({What::amended, after[a++], before[b++].onset});
    } else if (a == after.size() || (has_both && before[b].onset < after[a].onset)) {
      out.change({What::withdrawn, before[b++], never});
    } else {
      add(after[a++], out);
    }
  }
}

}  // namespace sosie::rules
