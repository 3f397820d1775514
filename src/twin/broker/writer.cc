#include "twin/broker/writer.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/result.h"
#include "twin/broker/attribute_update.h"
#include "twin/broker/entity_document.h"
#include "twin/broker/past.h"
#include "twin/model/date.h"
#include "twin/model/name_index.h"
#include "twin/query/geo.h"

namespace sosie::ngsi {
namespace {

constexpr std::string_view expiry_name = "dateExpires";

/// dateExpires is no attribute among others: it says when the entity goes.
Checked<void> set_expiry(Entity& entity, const AttributePatch& patch) {
  if (patch.value.is_null()) {
    entity.expires.reset();
    return {};
  }
  const auto at = patch.value.text() == nullptr ? std::nullopt : parse_date(*patch.value.text());
  if (!at) return bad_request("date has invalid format in attribute value");
  entity.expires = at;
  return {};
}

constexpr std::string_view wrong_place = "error parsing location attribute: ";

/// Of an entity whose attributes are all new: one place at most.
Checked<void> check_places(const Entity& entity) {
  bool has_one = false;
  for (const auto& attribute : entity.attributes) {
    if (!is_location(attribute)) continue;
    if (has_one) return second_location();
    TRY(check_place(attribute, wrong_place));
    has_one = true;
  }
  return {};
}

/// Which attribute is an entity's place, while one after the other is written. Orion lets an update
/// move the place from one to another, but not what may add an attribute.
class Locating {
 public:
  Locating(const Entity& entity, bool may_move) : may_move_(may_move) {
    if (const Attribute* now = location_of(entity)) place_ = now->name;
  }

  Checked<void> written(const Attribute& attribute, bool is_new) {
    const bool is_here = attribute.name == place_;
    if (!is_location(attribute)) {
      if (is_here) place_ = Text();
      return {};
    }
    if (!may_move_ && !place_.empty() && !is_here) return second_location();
    TRY(check_place(attribute, whose(is_new)));
    place_ = attribute.name;
    return {};
  }

 private:
  std::string_view whose(bool is_new) const {
    if (is_new) return "error parsing location attribute for new attribute: ";
    const bool becomes = !may_move_ && place_.empty();
    return becomes ? "error parsing location attribute for existing attribute: " : wrong_place;
  }

  const bool may_move_;
  Text place_{};  ///< its name; empty: there is none
};

bool are_updates(const std::vector<AttributeChange>& changes) {
  return std::ranges::all_of(changes,
                             [](const auto& change) { return change.previous.has_value(); });
}

Timestamp measured_at(const Attribute& attribute) {
  const Metadata* instant = attribute.find_metadata("TimeInstant");
  if (instant != nullptr && instant->value.text() != nullptr) {
    if (const auto at = parse_date(*instant->value.text())) return *at;
  }
  return attribute.modified;
}

}  // namespace

Writer::Writer(World& world, Tenant& tenant, const Call& call, UpdateMode mode)
    : world_(world),
      tenant_(tenant),
      call_(call),
      mode_(mode),
      correlator_(std::hash<std::string_view>{}(call.correlator_root())),
      is_custom_notification_(find_header(call.request.headers, "Ngsiv2-AttrsFormat") == "custom"),
      notifier_(world, tenant, call) {}

Checked<StoredEntity*> Writer::create(const std::string& path, const EntityPatch& patch) {
  Entity entity;
  entity.id = patch.id;
  entity.type = patch.type.empty() ? intern(default_entity_type) : patch.type;
  entity.service_path = intern(path);
  entity.created = call_.now;
  entity.modified = call_.now;
  std::vector<AttributeChange> changes;
  entity.attributes.reserve(patch.attributes.size());
  for (const auto& one : patch.attributes) {
    if (one.name == expiry_name) {
      TRY(set_expiry(entity, one));
      continue;
    }
    auto attribute = TRY(attribute_of_new_entity(one, call_.now));
    if (!attribute) continue;
    changes.push_back({.name = one.name, .action = "append", .previous = std::nullopt});
    entity.attributes.push_back(std::move(*attribute));
  }
  TRY(check_places(entity));
  StoredEntity& stored = tenant_.entities.add(std::move(entity));
  keep(stored);
  record(Alteration::create, stored, changes, readings_of(stored, changes));
  return &stored;
}

Checked<void> Writer::append(StoredEntity& entity, const Patches& patches) {
  TRY(apply(entity, patches, Existing::update, Missing::add));
  return {};
}

Checked<Partial> Writer::append_strict(StoredEntity& entity, const Patches& patches) {
  return apply(entity, patches, Existing::refuse, Missing::add);
}

Checked<Partial> Writer::update(StoredEntity& entity, const Patches& patches) {
  return apply(entity, patches, Existing::update, Missing::refuse);
}

Checked<Partial> Writer::apply(StoredEntity& entity, const Patches& patches, Existing existing,
                               Missing missing) {
  Partial outcome;
  Entity next = static_cast<const Entity&>(entity);
  std::vector<AttributeChange> changes;
  NameIndex index(next.attributes);
  Locating locating(next, missing == Missing::refuse);
  for (const auto& patch : patches) {
    const bool is_expiry = patch.name == expiry_name;
    Attribute* there = is_expiry ? nullptr : index.find(patch.name);
    const bool exists = is_expiry ? next.expires.has_value() : there != nullptr;
    if (exists ? existing == Existing::refuse : missing == Missing::refuse) {
      outcome.refused.push_back(patch.name);
      continue;
    }
    outcome.any_done = true;
    TRY(put(patch, there, next, changes));
    if (is_expiry) continue;
    TRY(locating.written(there == nullptr ? next.attributes.back() : *there, there == nullptr));
  }
  if (outcome.any_done || patches.empty()) {
    install(entity, std::move(next), changes);
  }
  return outcome;
}

Checked<void> Writer::put(const AttributePatch& patch, Attribute* there, Entity& next,
                          std::vector<AttributeChange>& changes) const {
  if (patch.name == expiry_name) return set_expiry(next, patch);
  if (there == nullptr) {
    auto added = TRY(new_attribute(patch, call_.now));
    changes.push_back({.name = patch.name, .action = "append", .previous = std::nullopt});
    next.attributes.push_back(std::move(added));
    return {};
  }
  auto after = TRY(updated(*there, patch, mode_, call_.now));
  changes.push_back({.name = patch.name, .action = "update", .previous = std::move(*there)});
  *there = std::move(after);
  return {};
}

Checked<void> Writer::replace(StoredEntity& entity, const Patches& patches) {
  Entity next = static_cast<const Entity&>(entity);
  std::vector<Attribute> before = std::move(next.attributes);
  next.attributes.clear();
  next.expires.reset();
  std::vector<AttributeChange> changes;
  NameIndex index(before);
  std::vector<bool> stays(before.size());
  for (const auto& patch : patches) {
    if (patch.name == expiry_name) {
      TRY(set_expiry(next, patch));
      continue;
    }
    auto attribute = TRY(attribute_of_new_entity(patch, call_.now));
    if (!attribute) continue;
    Attribute* old = index.find(patch.name);
    if (old == nullptr) {
      changes.push_back({.name = patch.name, .action = "append", .previous = std::nullopt});
    } else {
      attribute->created = old->created;
      changes.push_back({.name = patch.name, .action = "update", .previous = std::move(*old)});
      stays[static_cast<std::size_t>(old - before.data())] = true;
    }
    next.attributes.push_back(std::move(*attribute));
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (stays[i]) continue;
    const Text name = before[i].name;
    changes.push_back({.name = name, .action = "delete", .previous = std::move(before[i])});
  }
  TRY(check_places(next));
  install(entity, std::move(next), changes);
  return {};
}

Partial Writer::remove(StoredEntity& entity, const std::vector<Text>& names) {
  Partial outcome;
  Entity next = static_cast<const Entity&>(entity);
  std::vector<AttributeChange> changes;
  NameIndex index(next.attributes);
  std::vector<bool> goes(next.attributes.size());
  for (const auto& name : names) {
    const Attribute* there = index.find(name);
    const auto at = there == nullptr ? 0 : static_cast<std::size_t>(there - next.attributes.data());
    if (there != nullptr && !goes[at]) {
      changes.push_back({.name = name, .action = "delete", .previous = *there});
      goes[at] = true;
      outcome.any_done = true;
    } else if (name == expiry_name && next.expires) {
      next.expires.reset();
      outcome.any_done = true;
    } else {
      outcome.refused.push_back(name);
    }
  }
  if (!outcome.any_done) return outcome;
  std::erase_if(next.attributes, [&](const Attribute& attribute) {
    return goes[static_cast<std::size_t>(&attribute - next.attributes.data())];
  });
  install(entity, std::move(next), changes);
  return outcome;
}

void Writer::remove(StoredEntity& entity) {
  change_.documents.push_back(
      {.kind = DocumentKind::entity, .key = key(entity), .body = std::nullopt});
  keep_earlier(entity, entity_document(entity));
  std::vector<AttributeChange> changes;
  changes.reserve(entity.attributes.size());
  for (const auto& attribute : entity.attributes) {
    changes.push_back({.name = attribute.name, .action = "delete", .previous = attribute});
  }
  notifier_.happened({.kind = Alteration::remove, .entity = entity, .changes = changes}, change_);
  tenant_.entities.remove(entity);
}

void Writer::install(StoredEntity& entity, Entity next,
                     const std::vector<AttributeChange>& changes) {
  next.modified = call_.now;
  const auto expired_before = entity.expires;
  next.attributes.shrink_to_fit();
  static_cast<Entity&>(entity) = std::move(next);
  tenant_.entities.changed(entity);
  tenant_.entities.expiry_changed(entity, expired_before);
  auto earlier = earlier_parts(entity, changes, expired_before);
  auto readings = readings_of(entity, changes);
  if (earlier.empty() && may_wait(entity, changes, readings)) {
    entity.is_unkept = true;
  } else {
    keep(entity);
  }
  keep_earlier(entity, std::move(earlier));
  record(Alteration::update, entity, changes, std::move(readings));
}

std::string Writer::key(const Entity& entity) const {
  return document_key({tenant_.name, entity.service_path, entity.id, entity.type});
}

void Writer::keep(StoredEntity& entity) {
  change_.documents.push_back(
      {.kind = DocumentKind::entity, .key = key(entity), .body = entity_document(entity)});
  entity.is_unkept = false;
}

void Writer::record(Alteration kind, StoredEntity& entity,
                    const std::vector<AttributeChange>& changes, std::vector<Measured> readings) {
  change_.readings.insert(change_.readings.end(), std::move_iterator(readings.begin()),
                          std::move_iterator(readings.end()));
  const bool is_loop = is_custom_notification_ && entity.last_correlator == correlator_;
  entity.last_correlator = correlator_;
  notifier_.happened({.kind = kind,
                      .entity = entity,
                      .changes = changes,
                      .is_forced = mode_.is_forced,
                      .is_loop = is_loop},
                     change_);
}

void Writer::keep_earlier(const Entity& entity, std::string body) {
  if (body.empty()) return;
  change_.earlier.push_back(
      {.key = past_key(tenant_.name, entity), .until = call_.now, .body = std::move(body)});
}

std::vector<Measured> Writer::readings_of(const StoredEntity& entity,
                                          const std::vector<AttributeChange>& changes) const {
  std::vector<Measured> readings;
  if (!mode_.gives_readings) return readings;
  readings.reserve(changes.size());
  NameIndex index(entity.attributes);
  for (const auto& change : changes) {
    const Attribute* attribute = index.find(change.name);
    if (attribute == nullptr || attribute->value.number() == nullptr) continue;
    readings.push_back({.tenant = tenant_.name,
                        .path = entity.service_path,
                        .id = entity.id,
                        .type = entity.type,
                        .attribute = attribute->name,
                        .value = *attribute->value.number(),
                        .at = measured_at(*attribute),
                        .before = earlier_number(change, *attribute),
                        .series = std::nullopt});
  }
  return readings;
}

bool Writer::may_wait(const StoredEntity& entity, const std::vector<AttributeChange>& changes,
                      std::vector<Measured>& readings) const {
  if (!are_updates(changes)) return false;
  if (!mode_.keeps_numbers) return true;
  if (changes.empty() || readings.size() != changes.size()) return false;
  NameIndex index(entity.attributes);
  const bool are_numbers = std::ranges::all_of(changes, [&](const AttributeChange& change) {
    const Attribute* after = index.find(change.name);
    return after != nullptr && is_told_by_series(*change.previous, *after) &&
           after->modified > change.previous->modified;
  });
  return are_numbers && world_.keeper.brings_back(readings);
}

Ticket Writer::finish() {
  if (change_.is_empty()) return 0;
  return world_.keeper.keep(std::exchange(change_, {}));
}

}  // namespace sosie::ngsi
