#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "twin/query/probe.h"

namespace sosie::ngsi {

struct StoredEntity;

/// Entities in the order of their creation: an array of (number, entity), where those that are gone
/// leave holes until half of it is holes. 16 bytes an entity.
///
/// A question that few of many entities match makes a column of digests (probe.h) for each
/// attribute it asks, 8 bytes an entity: the next one goes through a million of them in a
/// millisecond or two.
///
/// Threads: as the tenant's lock has it; columns are made while it is shared, under a lock of their
/// own.
class Roll {
 public:
  /// REQUIRES: `number` is above all that were added, unless `sort` is called before anything else.
  void add(std::uint64_t number, StoredEntity* entity);
  void remove(std::uint64_t number);

  /// An entity's values are others now.
  void changed(const StoredEntity& entity);

  /// After a restore, which adds in any order.
  void sort();

  std::size_t size() const { return count_; }

  /// Calls `visit(StoredEntity&)` in order until it returns false.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& slot : slots_) {
      if (slot.entity != nullptr && !visit(*slot.entity)) return;
    }
  }

  /// The same for those behind `number`.
  template <class Visit>
  void each_after(std::uint64_t number, Visit&& visit) const {
    const auto first = std::ranges::upper_bound(slots_, number, {}, &Slot::number);
    for (auto slot = first; slot != slots_.end(); ++slot) {
      if (slot->entity != nullptr && !visit(*slot->entity)) return;
    }
  }

  /// The same as `each`, but may leave out who does not pass all `probes`.
  template <class Visit>
  void each(std::span<const Probe> probes, Visit&& visit) const {
    std::size_t at = 0;
    const std::size_t plain = probes.empty() ? slots_.size() : std::min(patience, slots_.size());
    for (; at < plain; ++at) {
      if (slots_[at].entity != nullptr && !visit(*slots_[at].entity)) return;
    }
    if (at == slots_.size()) return;
    const auto columns = columns_of(probes);
    for (; at < slots_.size(); ++at) {
      bool passes = true;
      for (std::size_t i = 0; i < columns.size() && passes; ++i) {
        passes = probes[i].passes(columns[i]->digests[at]);
      }
      if (passes && slots_[at].entity != nullptr && !visit(*slots_[at].entity)) return;
    }
  }

 private:
  /// Entities that are looked at one by one before columns are worth their making.
  static constexpr std::size_t patience = 2048;
  /// Of the attributes that were asked for last.
  static constexpr std::size_t most_columns = 8;

  struct Slot {
    std::uint64_t number;
    StoredEntity* entity;  ///< null: a hole
  };
  struct Column {
    Text attribute;
    std::vector<Digest> digests;  ///< of each slot
  };
  using Columns = std::vector<std::shared_ptr<Column>>;  ///< shared: with who goes through them

  Columns columns_of(std::span<const Probe> probes) const;
  std::shared_ptr<Column> make_column(const Text& attribute) const;
  std::size_t slot_of(std::uint64_t number) const;  ///< slots_.size(): there is none

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
  mutable std::mutex mutex_;  ///< the list of columns, while the tenant's lock is shared
  mutable Columns columns_;   ///< the one asked for last is the last
};

}  // namespace sosie::ngsi
