#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/message.h"
#include "twin/broker/world.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

using Handler = Checked<Answer> (*)(World&, const Call&);

/// What one HTTP method does on a resource.
struct Verb {
  std::string_view method;
  Handler handler;
};

/// A path, "*" where anything may stand, and what can be done there.
struct Resource {
  std::vector<std::string_view> segments;
  std::vector<Verb> verbs;

  const Verb* find(std::string_view method) const;

  /// "GET, POST", for the header Allow.
  std::string allowed() const;
};

/// The resource at a path in its segments, or null; what stands for "*" goes to `captured`.
const Resource* find_resource(std::span<const std::string> segments,
                              std::vector<std::string>& captured);

// Entities.
Checked<Answer> list_entities(World&, const Call&);
Checked<Answer> create_entity(World&, const Call&);
Checked<Answer> get_entity(World&, const Call&);
Checked<Answer> delete_entity(World&, const Call&);
Checked<Answer> get_attributes(World&, const Call&);
Checked<Answer> append_attributes(World&, const Call&);
Checked<Answer> update_attributes(World&, const Call&);
Checked<Answer> replace_attributes(World&, const Call&);
Checked<Answer> get_attribute(World&, const Call&);
Checked<Answer> put_attribute(World&, const Call&);
Checked<Answer> delete_attribute(World&, const Call&);
Checked<Answer> get_attribute_value(World&, const Call&);
Checked<Answer> put_attribute_value(World&, const Call&);

// Types.
Checked<Answer> list_types(World&, const Call&);
Checked<Answer> get_type(World&, const Call&);

// Batches.
Checked<Answer> batch_update(World&, const Call&);
Checked<Answer> batch_query(World&, const Call&);
Checked<Answer> batch_notify(World&, const Call&);

// Subscriptions.
Checked<Answer> list_subscriptions(World&, const Call&);
Checked<Answer> create_subscription(World&, const Call&);
Checked<Answer> get_subscription(World&, const Call&);
Checked<Answer> update_subscription(World&, const Call&);
Checked<Answer> delete_subscription(World&, const Call&);

// Registrations.
Checked<Answer> list_registrations(World&, const Call&);
Checked<Answer> create_registration(World&, const Call&);
Checked<Answer> get_registration(World&, const Call&);
Checked<Answer> delete_registration(World&, const Call&);

// The broker itself.
Checked<Answer> get_version(World&, const Call&);
Checked<Answer> get_entry_point(World&, const Call&);
Checked<Answer> get_statistics(World&, const Call&);
Checked<Answer> reset_statistics(World&, const Call&);
Checked<Answer> get_cache_statistics(World&, const Call&);
Checked<Answer> reset_cache_statistics(World&, const Call&);
Checked<Answer> get_metrics(World&, const Call&);
Checked<Answer> reset_metrics(World&, const Call&);
Checked<Answer> get_log(World&, const Call&);
Checked<Answer> put_log(World&, const Call&);
Checked<Answer> get_traces(World&, const Call&);
Checked<Answer> put_traces(World&, const Call&);
Checked<Answer> remove_traces(World&, const Call&);
Checked<Answer> get_semaphores(World&, const Call&);

}  // namespace sosie::ngsi
