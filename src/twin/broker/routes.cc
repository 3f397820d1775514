#include "twin/broker/routes.h"

#include <algorithm>

#include <fmt/format.h>

namespace sosie::ngsi {
namespace {

const std::vector<Resource>& resources() {
  static const std::vector<Resource> all{
      {{"version"}, {{"GET", get_version}}},
      {{"v2"}, {{"GET", get_entry_point}}},
      {{"v2", "entities"}, {{"GET", list_entities}, {"POST", create_entity}}},
      {{"v2", "entities", "*"}, {{"GET", get_entity}, {"DELETE", delete_entity}}},
      {{"v2", "entities", "*", "attrs"},
       {{"GET", get_attributes},
        {"POST", append_attributes},
        {"PUT", replace_attributes},
        {"PATCH", update_attributes}}},
      {{"v2", "entities", "*", "attrs", "*"},
       {{"GET", get_attribute}, {"PUT", put_attribute}, {"DELETE", delete_attribute}}},
      {{"v2", "entities", "*", "attrs", "*", "value"},
       {{"GET", get_attribute_value}, {"PUT", put_attribute_value}}},
      {{"v2", "types"}, {{"GET", list_types}}},
      {{"v2", "types", "*"}, {{"GET", get_type}}},
      {{"v2", "subscriptions"}, {{"GET", list_subscriptions}, {"POST", create_subscription}}},
      {{"v2", "subscriptions", "*"},
       {{"GET", get_subscription},
        {"PATCH", update_subscription},
        {"DELETE", delete_subscription}}},
      {{"v2", "registrations"}, {{"GET", list_registrations}, {"POST", create_registration}}},
      {{"v2", "registrations", "*"}, {{"GET", get_registration}, {"DELETE", delete_registration}}},
      {{"v2", "op", "update"}, {{"POST", batch_update}}},
      {{"v2", "op", "query"}, {{"POST", batch_query}}},
      {{"v2", "op", "notify"}, {{"POST", batch_notify}}},
      {{"statistics"}, {{"GET", get_statistics}, {"DELETE", reset_statistics}}},
      {{"cache", "statistics"},
       {{"GET", get_cache_statistics}, {"DELETE", reset_cache_statistics}}},
      {{"admin", "metrics"}, {{"GET", get_metrics}, {"DELETE", reset_metrics}}},
      {{"admin", "log"}, {{"GET", get_log}, {"PUT", put_log}}},
      {{"admin", "sem"}, {{"GET", get_semaphores}}},
      {{"log", "trace"}, {{"GET", get_traces}, {"DELETE", remove_traces}}},
      {{"log", "trace", "*"}, {{"PUT", put_traces}, {"DELETE", remove_traces}}},
      {{"log", "traceLevel"}, {{"GET", get_traces}, {"DELETE", remove_traces}}},
      {{"log", "traceLevel", "*"}, {{"PUT", put_traces}, {"DELETE", remove_traces}}},
  };
  return all;
}

bool matches(const Resource& resource, std::span<const std::string> segments) {
  return std::ranges::equal(resource.segments, segments, [](auto pattern, const auto& segment) {
    return pattern == "*" || pattern == segment;
  });
}

}  // namespace

const Verb* Resource::find(std::string_view method) const {
  const auto verb = std::ranges::find(verbs, method, &Verb::method);
  return verb == verbs.end() ? nullptr : &*verb;
}

std::string Resource::allowed() const {
  std::vector<std::string_view> methods;
  methods.reserve(verbs.size());
  for (const auto& verb : verbs) methods.push_back(verb.method);
  return fmt::format("{}", fmt::join(methods, ", "));
}

const Resource* find_resource(std::span<const std::string> segments,
                              std::vector<std::string>& captured) {
  for (const auto& resource : resources()) {
    if (!matches(resource, segments)) continue;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (resource.segments[i] == "*") captured.push_back(segments[i]);
    }
    return &resource;
  }
  return nullptr;
}

}  // namespace sosie::ngsi
