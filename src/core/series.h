#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "core/reading.h"

namespace sosie {

/// A text that people read, in the two languages of the pages.
struct Words {
  std::string en;
  std::string fr;
  bool operator==(const Words&) const = default;
};

/// What is known of a series besides its values. `entity` and `attribute` name it, for ever.
struct SeriesInfo {
  std::string entity;       ///< "AIT-306-DO"
  std::string attribute;    ///< "o2_dissous": the quantity's short name, as the metrics write it
  std::string asset;        ///< what it is part of: readings of one asset share a lane and a frame
  std::string stage;        ///< part of the asset it stands in ("traitement_biologique"), or ""
  Words stage_name;         ///< "Biological treatment", "Traitement biologique"
  Words quantity;           ///< "dissolved oxygen", "oxygène dissous"
  std::string location;     ///< "reactor 5 (control)"
  std::string location_fr;  ///< the same in French; "": as `location`
  std::string unit;         ///< UCUM-like, as people write it: "mg/L"
  std::optional<double> low;   ///< what the sensor can measure at least
  std::optional<double> high;  ///< and at most
  std::string sensor_class;    ///< BSM1's A, B0, B1, C0, C1, D, E, or S for a state; "" if unknown

  /// "AIT-306-DO", or "entity.attribute" when the entity has several attributes that count.
  std::string name() const { return attribute == "value" ? entity : entity + "." + attribute; }

  /// Where it stands, for people.
  Words place() const { return {location, location_fr.empty() ? location : location_fr}; }

  bool operator==(const SeriesInfo&) const = default;
};

/// All series of this process. Grows only; a row never moves, and its names never change.
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

 private:
  struct Key {
    std::string entity;
    std::string attribute;
  };
  struct KeyView {
    std::string_view entity;
    std::string_view attribute;
  };
  /// Lets the map be searched by views, with no string made.
  struct KeyLess {
    using is_transparent = void;
    static KeyView view(const Key& key) { return {key.entity, key.attribute}; }
    static KeyView view(const KeyView& key) { return key; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      const auto left = view(a);
      const auto right = view(b);
      if (left.entity != right.entity) return left.entity < right.entity;
      return left.attribute < right.attribute;
    }
  };

  std::optional<SeriesId> find_locked(std::string_view entity, std::string_view attribute) const;

  mutable std::shared_mutex mutex_;
  std::map<Key, SeriesId, KeyLess> ids_;
  std::vector<std::unique_ptr<SeriesInfo>> rows_;
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace sosie
