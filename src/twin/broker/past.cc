#include "twin/broker/past.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/entity_document.h"
#include "twin/model/date.h"
#include "twin/model/name_index.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

bool is_equal(const Attribute& before, const Attribute& after) {
  return before.value == after.value && before.type == after.type &&
         before.metadata == after.metadata;
}

/// Entities of one id, by their key.
using Candidates = std::map<std::string, std::optional<StoredEntity>, std::less<>>;

/// Makes of what an entity was after a change what it was before.
void take_back(std::string_view key, std::string_view body, Candidates& candidates) {
  const auto parts = key_parts(key);
  const auto state = parse_json(body);
  if (!state || parts.size() != 4) return;
  auto& entity = candidates[std::string(key)];
  if (state->find("number") != nullptr) {  // it was deleted
    entity = read_entity_document(*state);
    if (!entity) return;
    entity->id = Text(parts[1]);
    entity->type = intern(parts[2]);
    entity->service_path = intern(parts[3]);
    return;
  }
  if (!entity) return;
  if (state->find("expires") != nullptr) entity->expires = read_time(*state, "expires");
  const Value* attrs = state->find("attrs");
  if (attrs == nullptr || attrs->array() == nullptr) return;
  NameIndex index(entity->attributes);
  for (const auto& one : *attrs->array()) {
    auto attribute = read_attribute_document(one);
    if (Attribute* there = index.find(attribute.name)) {
      *there = std::move(attribute);
    } else {
      entity->attributes.push_back(std::move(attribute));
    }
  }
}

/// What is here now.
Candidates present(const World& world, const Call& call) {
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  Candidates all;
  for (const StoredEntity* entity :
       tenant.entities.find_all(call.read_scope(), call.captured.front(), call.type())) {
    all.emplace(past_key(call.tenant, *entity), *entity);
  }
  return all;
}

bool is_asked(const Call& call, const std::optional<StoredEntity>& entity, Timestamp instant) {
  return entity && entity->created <= instant &&
         (call.type().empty() || entity->type == call.type()) &&
         call.read_scope().contains(entity->service_path);
}

NgsiError unreadable(const Error& error) {
  return {.status = 500, .error = "InternalServerError", .description = error.what};
}

/// A number that has changed since, and when it was written.
Checked<void> settle(const World& world, const Call& call, Timestamp instant,
                     const StoredEntity& entity, Attribute& attribute) {
  attribute.modified = instant;  // written again as it was: when before, nobody knows
  if (attribute.value.number() == nullptr) return {};
  const auto number = world.archive->number({call.tenant, entity, attribute.name, instant});
  if (!number) return unreadable(number.error());
  const auto& [is_recorded, sample] = *number;
  if (is_recorded) attribute.value = sample ? Value(sample->value) : Value();
  if (sample) attribute.modified = sample->at;
  return {};
}

/// Numbers that have changed since, and times.
Checked<void> settle(const World& world, const Call& call, Timestamp instant,
                     StoredEntity& entity) {
  std::erase_if(entity.attributes, [&](const Attribute& a) { return a.created > instant; });
  entity.modified = entity.created;
  for (auto& attribute : entity.attributes) {
    if (attribute.modified > instant) {
      TRY(settle(world, call, instant, entity, attribute));
    }
    entity.modified = std::max(entity.modified, attribute.modified);
  }
  return {};
}

Checked<Timestamp> read_instant(const Call& call, std::string_view text) {
  const auto at = parse_date(text);
  if (!at) {
    return bad_request(fmt::format("Invalid value for URI param /at/: '{}' is no DateTime", text));
  }
  if (*at > call.now) return bad_request("Invalid value for URI param /at/: it is in the future");
  return *at;
}

}  // namespace

std::string past_key(std::string_view tenant, const Entity& entity) {
  return document_key({tenant, entity.id, entity.type, entity.service_path});
}

bool is_told_by_series(const Attribute& before, const Attribute& after) {
  return before.value.number() != nullptr && after.value.number() != nullptr &&
         before.type == after.type && before.metadata == after.metadata &&
         after.find_metadata("TimeInstant") == nullptr;
}

std::optional<Attribute> earlier_number(const AttributeChange& change, const Attribute& after) {
  const auto& before = change.previous;
  if (!before || !is_told_by_series(*before, after) || is_equal(*before, after)) return {};
  return before;
}

std::string earlier_parts(const Entity& entity, const std::vector<AttributeChange>& changes,
                          std::optional<Timestamp> expired_before) {
  std::string attrs;
  NameIndex index(entity.attributes);
  for (const auto& change : changes) {
    if (!change.previous) continue;
    const Attribute* after = index.find(change.name);
    const bool is_needless = after != nullptr && (is_told_by_series(*change.previous, *after) ||
                                                  is_equal(*change.previous, *after));
    if (is_needless) continue;
    if (!attrs.empty()) attrs += ',';
    attrs += attribute_document(*change.previous);
  }
  std::string parts;
  if (!attrs.empty()) parts = fmt::format(R"("attrs":[{}])", attrs);
  if (entity.expires != expired_before) {
    if (!parts.empty()) parts += ',';
    parts += expired_before
                 ? fmt::format(R"("expires":{})", expired_before->time_since_epoch().count())
                 : R"("expires":null)";
  }
  return parts.empty() ? parts : fmt::format("{{{}}}", parts);
}

Result<std::vector<PastValue>> past_values(const Archive& archive, std::string_view key,
                                           std::string_view attribute, Timestamp instant) {
  std::vector<PastValue> values;
  const auto take = [&](std::string_view of, std::string_view body) {
    if (of != key) return;
    const auto state = parse_json(body);
    const Value* attrs = state ? state->find("attrs") : nullptr;
    if (attrs == nullptr || attrs->array() == nullptr) return;
    for (const auto& one : *attrs->array()) {
      const Attribute was = read_attribute_document(one);
      if (was.name == attribute) values.push_back({was.modified, was.value});
    }
  };
  // The key itself and no longer one: its last part, the path, may begin another's.
  TRY(archive.earlier(key, instant, take));
  return values;
}

Checked<StoredEntity> entity_at(World& world, const Call& call, std::string_view instant) {
  const auto at = TRY(read_instant(call, instant));
  if (world.archive == nullptr) {
    return NgsiError{.status = 501,
                     .error = "NotImplemented",
                     .description = "nothing is remembered of the past here"};
  }
  auto candidates = present(world, call);
  std::string prefix = document_key({call.tenant, call.captured.front(), ""});
  if (!call.type().empty())
    prefix = document_key({call.tenant, call.captured.front(), call.type(), ""});
  const auto gone_back = world.archive->earlier(
      prefix, at,
      [&](std::string_view key, std::string_view body) { take_back(key, body, candidates); });
  if (!gone_back && gone_back.error().code == Errc::not_found) {
    return not_found(gone_back.error().what);
  }
  if (!gone_back) return unreadable(gone_back.error());
  std::erase_if(candidates,
                [&](const auto& candidate) { return !is_asked(call, candidate.second, at); });
  if (candidates.empty()) return entity_not_found();
  if (candidates.size() > 1) return too_many_results();
  StoredEntity entity = std::move(*candidates.begin()->second);
  TRY(settle(world, call, at, entity));
  return entity;
}

}  // namespace sosie::ngsi
