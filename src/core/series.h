#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "core/number_table.h"
#include "core/reading.h"
#include "core/shared_text.h"

namespace sosie {

/// A text that people read, in the two languages of the pages.
struct Words {
  std::string en;
  std::string fr;
  bool operator==(const Words&) const = default;
};

/// Words that many series have in common.
struct SharedWords {
  SharedText en;
  SharedText fr;

  SharedWords() = default;
  SharedWords(std::string_view english, std::string_view french) : en(english), fr(french) {}
  SharedWords(const Words& words)  // NOLINT(google-explicit-constructor): the same words
      : SharedWords(words.en, words.fr) {}
  operator Words() const { return {en, fr}; }  // NOLINT(google-explicit-constructor)
  bool operator==(const SharedWords&) const = default;
};

/// What is known of a series besides its values. `entity` and `attribute` name it, for ever.
struct SeriesInfo {
  SharedText entity;       ///< "AIT-306-DO"
  SharedText attribute;    ///< "o2_dissous": the quantity's short name, as the metrics write it
  SharedText asset;        ///< what it is part of: readings of one asset share a lane and a frame
  SharedText stage;        ///< part of the asset it stands in ("traitement_biologique"), or ""
  SharedWords stage_name;  ///< "Biological treatment", "Traitement biologique"
  SharedWords quantity;    ///< "dissolved oxygen", "oxygène dissous"
  SharedText location;     ///< "reactor 5 (control)"
  SharedText location_fr;  ///< the same in French; "": as `location`
  SharedText unit;         ///< UCUM-like, as people write it: "mg/L"
  std::optional<double> low;   ///< what the sensor can measure at least
  std::optional<double> high;  ///< and at most
  SharedText sensor_class;     ///< BSM1's A, B0, B1, C0, C1, D, E, or S for a state; "" if unknown

  /// "AIT-306-DO", or "entity.attribute" when the entity has several attributes that count.
  std::string name() const {
    return attribute == "value" ? entity.str() : entity + "." + attribute.str();
  }

  /// Where it stands, for people.
  Words place() const { return {location, location_fr.empty() ? location : location_fr}; }

  bool operator==(const SeriesInfo&) const = default;
};

/// All series of this process. Grows only; a row never moves, and its names never change.
///
/// Memory: some 150 bytes a series, and its entity's name once for all series of the entity; what
/// many series have in common (unit, stage …) is there once.
///
/// Threads: any. `find` takes a shared lock; the hot path holds ids and never comes here.
class SeriesTable {
 public:
  /// The id of (entity, attribute), if there is one.
  std::optional<SeriesId> find(std::string_view entity, std::string_view attribute) const;

  /// The series of this entity if it has exactly one ("a bare tag").
  std::optional<SeriesId> find_entity(std::string_view entity) const;

  /// By "entity" (when it has one series), "entity.attribute", or a name() of the table.
  std::optional<SeriesId> find_name(std::string_view name) const;

  /// The id of (info.entity, info.attribute), which is added if it is new. If it is known, what
  /// `info` says besides is taken over where the row had nothing.
  SeriesId declare(const SeriesInfo& info);

  /// REQUIRES: `id` was handed out by this table. The reference stays valid for the table's life.
  const SeriesInfo& operator[](SeriesId id) const;

  std::size_t size() const { return size_.load(std::memory_order_acquire); }

  /// Every id whose series belongs to `asset`, in order of declaration.
  std::vector<SeriesId> of_asset(std::string_view asset) const;
  std::size_t count_of_asset(std::string_view asset) const;

 private:
  struct Entity {
    std::uint32_t first = 0;  ///< of its series
    std::uint32_t count = 0;
  };

  std::uint32_t find_row(std::string_view entity, std::string_view attribute) const;
  std::uint32_t find_entity_row(std::string_view entity) const;
  SharedText entity_text(const SharedText& entity);
  SeriesId add(const SeriesInfo& info);
  void share(SharedText& text);
  void share_all(SeriesInfo& row);
  void fill_gaps(SeriesInfo& row, const SeriesInfo& more);

  mutable std::shared_mutex mutex_;
  std::deque<SeriesInfo> rows_;
  NumberTable by_name_;  ///< of rows
  std::vector<Entity> entities_;
  NumberTable by_entity_;  ///< of entities_
  std::unordered_set<SharedText, std::hash<SharedText>, std::equal_to<>> shared_;
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace sosie
