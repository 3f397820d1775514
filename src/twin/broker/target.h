#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/world.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

/// The one entity that /v2/entities/{id}?type= names, where the request reads. 404 if there is
/// none, 409 if there are several. REQUIRES: the tenant's lock is held.
Checked<const StoredEntity*> readable_entity(const Tenant& tenant, const Call& call);

/// The same where the request writes.
Checked<StoredEntity*> writable_entity(Tenant& tenant, const Call& call);

/// "E1/T", or "E1" where the request names no type: the entity in descriptions of errors.
std::string entity_label(std::string_view id, std::string_view type);

/// What of an update could not be done, entity by entity.
class Refusals {
 public:
  enum class Problem { existing, missing };
  explicit Refusals(Problem problem) : problem_(problem) {}

  void add(std::string_view label, const std::vector<Text>& names);
  void add_entity(std::string_view label);  ///< "E/T [entity itself]"

  /// What a context provider did not update: 404 instead of 422.
  void add_failed(std::string_view label, const std::vector<Text>& names);

  bool is_empty() const { return items_.empty(); }

  /// 422 PartialUpdate if anything else could be done; else 404 NotFound if whole entities were all
  /// that is missing, or 422 Unprocessable. 404 in both cases if a provider failed.
  NgsiError error(bool any_done) const;

 private:
  void add_item(std::string_view item);

  Problem problem_;
  std::string items_;
  int count_ = 0;
  int entities_ = 0;
  bool has_failed_ = false;
};

}  // namespace sosie::ngsi
