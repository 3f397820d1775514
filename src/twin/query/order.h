#pragma once

#include <string_view>
#include <vector>

#include "twin/model/entity.h"
#include "twin/model/error.h"
#include "twin/query/geo.h"

namespace sosie::ngsi {

/// An `orderBy`: attribute names, `id`, `type`, `dateCreated`, `dateModified`, `dateExpires`,
/// `servicePath`, `geo:distance`; `!` before one is descending. Entities without the attribute come
/// as if it were null. Values of different kinds: null < numbers < texts < objects < arrays <
/// booleans.
///
/// Threads: any, after creation.
class Order {
 public:
  /// 400 where a name stands twice or is empty.
  static Checked<Order> parse(std::string_view text);

  /// By distance from `geo`, which must outlive the call and may be null if geo:distance was not
  /// asked for. Equal ones stay in the order in which they came.
  void sort(std::vector<const Entity*>& entities, const GeoQuery* geo) const;

  bool needs_distance() const;

 private:
  struct Key {
    Text name;
    bool descending = false;
  };
  std::vector<Key> keys_;
};

}  // namespace sosie::ngsi
