#include "twin/broker/batch_update.h"

#include <array>
#include <mutex>
#include <string>
#include <utility>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/providers.h"
#include "twin/broker/target.h"
#include "twin/broker/update_forwarding.h"
#include "twin/broker/writer.h"
#include "twin/model/name_index.h"

namespace sosie::ngsi {
namespace {

/// A batch while it is done.
class Batch {
 public:
  Batch(World& world, Tenant& tenant, const Call& call, std::string path, BatchAction action)
      : tenant_(tenant),
        writer_(world, tenant, call, UpdateMode::of(call)),
        path_(std::move(path)),
        action_(action),
        refusals_(action == BatchAction::append_strict ? Refusals::Problem::existing
                                                       : Refusals::Problem::missing) {
    const bool may_forward = action == BatchAction::update || action == BatchAction::replace;
    if (may_forward) providers_ = providers_of_updates(tenant, call);
  }

  /// An error stops nothing; the first one is remembered.
  void add(const EntityPatch& patch) {
    const auto outcome = change(patch);
    if (!outcome && !error_) error_ = outcome.error();
  }

  /// The changes go to the Keeper. The last thing that needs the lock.
  void keep() { ticket_ = writer_.finish(); }

  void forward(World& world, const Call& call) {
    for (std::size_t i = 0; i < absent_.size(); ++i) {
      const auto outcome = forward_update(world, call, providers_, absent_[i]);
      any_done_ = any_done_ || outcome.any_done;
      const bool is_unknown = absent_whole_[i] && !outcome.any_done && outcome.failed.empty();
      if (is_unknown) {
        refuse(absent_[i], {});
      } else if (!outcome.unknown.empty()) {
        refuse(absent_[i], outcome.unknown);
      }
      if (!outcome.failed.empty()) {
        refusals_.add_failed(entity_label(absent_[i].id, absent_[i].type), outcome.failed);
      }
    }
  }

  Answer answer() const {
    Answer answer = no_content();
    if (error_) {
      answer = error_answer(*error_);
    } else if (!refusals_.is_empty()) {
      answer = error_answer(refusals_.error(any_done_));
    }
    answer.ticket = ticket_;
    return answer;
  }

 private:
  Checked<void> change(const EntityPatch& patch) {
    const auto found = tenant_.entities.find_all(Scope::of(path_), patch.id, patch.type);
    if (found.size() > 1) return too_many_results();
    const bool may_create = action_ == BatchAction::append || action_ == BatchAction::append_strict;
    if (found.empty() && may_create) {
      TRY(writer_.create(path_, patch));
      any_done_ = true;
    } else if (found.empty()) {
      missing(patch, {});
    } else {
      return change(*found.front(), patch);
    }
    return {};
  }

  Checked<void> change(StoredEntity& entity, const EntityPatch& patch) {
    switch (action_) {
      case BatchAction::append:
        TRY(writer_.append(entity, patch.attributes));
        any_done_ = true;
        return {};
      case BatchAction::replace:
        TRY(writer_.replace(entity, patch.attributes));
        any_done_ = true;
        return {};
      case BatchAction::append_strict: {
        const auto partial = TRY(writer_.append_strict(entity, patch.attributes));
        take(partial, patch);
        return {};
      }
      case BatchAction::update: {
        const auto partial = TRY(writer_.update(entity, patch.attributes));
        take(partial, patch);
        return {};
      }
      case BatchAction::remove:
        remove(entity, patch);
        return {};
    }
    return {};
  }

  void remove(StoredEntity& entity, const EntityPatch& patch) {
    if (patch.attributes.empty()) {
      writer_.remove(entity);
      any_done_ = true;
      return;
    }
    std::vector<Text> names;
    names.reserve(patch.attributes.size());
    for (const auto& attribute : patch.attributes) names.push_back(attribute.name);
    take(writer_.remove(entity, names), patch);
  }

  void take(const Partial& partial, const EntityPatch& patch) {
    any_done_ = any_done_ || partial.any_done || partial.refused.empty();
    if (!partial.refused.empty()) missing(patch, partial.refused);
  }

  /// What is not here is for the context providers, if there are any; `names` empty: all of it.
  void missing(const EntityPatch& patch, const std::vector<Text>& names) {
    if (providers_.empty() || patch.attributes.empty()) {
      refuse(patch, names);
      return;
    }
    EntityPatch& part = absent_.emplace_back(patch);
    absent_whole_.push_back(names.empty());
    if (names.empty()) return;
    NameIndex wanted(names);
    std::erase_if(part.attributes,
                  [&](const AttributePatch& one) { return !wanted.has(one.name); });
  }

  void refuse(const EntityPatch& patch, const std::vector<Text>& names) {
    const auto label = entity_label(patch.id, patch.type);
    if (names.empty()) {
      refusals_.add_entity(label);
    } else {
      refusals_.add(label, names);
    }
  }

  Tenant& tenant_;
  Writer writer_;
  const std::string path_;
  const BatchAction action_;
  Refusals refusals_;
  std::optional<NgsiError> error_;
  bool any_done_ = false;
  Ticket ticket_ = 0;
  std::vector<Registration> providers_;
  std::vector<EntityPatch> absent_;  ///< what is not here
  std::vector<bool> absent_whole_;   ///< whether it is the entity that is not here
};

}  // namespace

std::optional<BatchAction> batch_action(std::string_view word) {
  using enum BatchAction;
  static constexpr std::array<std::pair<std::string_view, BatchAction>, 10> words{
      {{"append", append},
       {"appendStrict", append_strict},
       {"update", update},
       {"replace", replace},
       {"delete", remove},
       {"APPEND", append},
       {"APPEND_STRICT", append_strict},
       {"UPDATE", update},
       {"REPLACE", replace},
       {"DELETE", remove}}};
  for (const auto& [name, action] : words) {
    if (name == word) return action;
  }
  return std::nullopt;
}

Checked<Answer> update_batch(World& world, const Call& call, BatchAction action,
                             const std::vector<EntityPatch>& entities) {
  auto path = TRY(call.write_path());
  Tenant& tenant = world.tenant(call.tenant);
  std::unique_lock lock(tenant.mutex);
  Batch batch(world, tenant, call, std::move(path), action);
  for (const auto& entity : entities) batch.add(entity);
  batch.keep();
  lock.unlock();
  batch.forward(world, call);
  return batch.answer();
}

}  // namespace sosie::ngsi
