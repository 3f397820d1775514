#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "twin/broker/macros.h"
#include "twin/broker/ngsi_patch.h"
#include "twin/broker/notifier.h"
#include "twin/broker/receiver_parse.h"
#include "twin/broker/uri.h"
#include "twin/model/name_index.h"

namespace sosie::ngsi {
namespace {

constexpr std::array<std::string_view, 6> builtin_names{
    "*", "dateCreated", "dateModified", "dateExpires", "servicePath", "alterationType"};

/// Only what this request changed.
void keep_changed(const EntityEvent& event, bool metadata_counts, Entity& shown) {
  NameIndex changes(event.changes);
  std::erase_if(shown.attributes, [&](const Attribute& attribute) {
    const auto* change = changes.find(attribute.name);
    if (change == nullptr) return true;
    return !event.is_forced && !is_real(*change, &attribute, metadata_counts);
  });
}

/// Attributes that the subscription lists and the entity lacks come as null; with onlyChangedAttrs
/// only those that the request deleted.
void cover(const SubscriptionPlan& plan, const EntityEvent& event, Entity& shown) {
  NameIndex index(shown.attributes);
  NameIndex changes(event.changes);
  for (const auto& name : plan.attrs.names) {
    const bool is_builtin = std::ranges::find(builtin_names, name.view()) != builtin_names.end();
    if (is_builtin || index.has(name)) continue;
    const auto* change = plan.only_changed ? changes.find(name) : nullptr;
    if (plan.only_changed && (change == nullptr || change->action != "delete")) continue;
    Attribute empty;
    empty.name = name;
    empty.type = default_type(Value());
    shown.attributes.push_back(std::move(empty));
  }
}

/// The entity as the subscription shows it, before its list of attributes picks. None: as it is,
/// which spares a copy.
std::optional<Entity> shown_entity(const Subscription& subscription, const EntityEvent& event,
                                   MacroContext& macros) {
  const SubscriptionPlan& plan = subscription.plan;
  const bool is_patched = plan.receiver.content == Receiver::Content::ngsi;
  if (!plan.only_changed && !is_patched && !plan.covered) return std::nullopt;
  Entity shown = event.entity;
  if (plan.only_changed) keep_changed(event, plan.condition.metadata_counts, shown);
  if (is_patched) patch_entity(plan.receiver.json, macros, shown);
  if (plan.covered) cover(plan, event, shown);
  return shown;
}

bool is_bare(Format format) {
  return format == Format::simplified_normalized || format == Format::simplified_key_values;
}

/// A patched entity comes normalized whatever `attrsFormat` says, but for the simplified formats,
/// as Orion has it.
bool is_normalized_anyway(const SubscriptionPlan& plan) {
  return plan.receiver.content == Receiver::Content::ngsi && !is_bare(plan.format);
}

std::string standard_body(const Subscription& subscription, const EntityEvent& event,
                          Alteration alteration, MacroContext& macros) {
  const SubscriptionPlan& plan = subscription.plan;
  const auto changed = shown_entity(subscription, event, macros);
  const Entity& shown = changed ? *changed : event.entity;
  const View view{.format = is_normalized_anyway(plan) ? Format::normalized : plan.format,
                  .attrs = plan.attrs,
                  .metadata = plan.metadata,
                  .happening = {.alteration_type = to_text(alteration), .changes = event.changes}};
  std::string body;
  if (is_bare(plan.format)) {
    render_entity(shown, view, body);
    return body;
  }
  body = fmt::format(R"({{"subscriptionId":"{}","data":[)", subscription.id);
  render_entity(shown, view, body);
  return body + "]}";
}

std::string body_of(const Subscription& subscription, const EntityEvent& event,
                    Alteration alteration, MacroContext& macros) {
  const Receiver& receiver = subscription.plan.receiver;
  switch (receiver.content) {
    case Receiver::Content::none:
      return {};
    case Receiver::Content::text:
      return percent_decoded(macros.put_in(receiver.text, "null"));
    case Receiver::Content::json: {
      std::string body;
      render_value(macros.put_in(receiver.json), body);
      return body;
    }
    case Receiver::Content::standard:
    case Receiver::Content::ngsi:
      break;
  }
  return standard_body(subscription, event, alteration, macros);
}

std::string_view format_word(const SubscriptionPlan& plan) {
  switch (plan.receiver.content) {
    case Receiver::Content::none:
    case Receiver::Content::text:
    case Receiver::Content::json:
      return "custom";
    case Receiver::Content::standard:
    case Receiver::Content::ngsi:
      break;
  }
  if (is_normalized_anyway(plan)) return "normalized";
  return plan.format_name;
}

void put_header(Headers& headers, const std::string& name, std::string value) {
  const auto there =
      std::ranges::find_if(headers, [&](const Header& h) { return is_same_name(h.name, name); });
  if (value.empty()) {
    if (there != headers.end()) headers.erase(there);
  } else if (there != headers.end()) {
    there->value = std::move(value);
  } else {
    headers.push_back({name, std::move(value)});
  }
}

Headers headers_of(const SubscriptionPlan& plan, const Entity& entity, const Occasion& occasion,
                   const MacroContext& macros) {
  const bool is_text = plan.receiver.content == Receiver::Content::text;
  Headers headers;
  headers.push_back({"User-Agent", "sosie/" + occasion.world.options.version});
  headers.push_back({"Accept", "application/json"});
  put_header(headers, "Fiware-Service", occasion.tenant.name);
  headers.push_back({"Fiware-ServicePath", std::string(entity.service_path.view())});
  put_header(headers, "X-Auth-Token",
             std::string(find_header(occasion.call.request.headers, "X-Auth-Token")));
  const bool has_body = plan.receiver.content != Receiver::Content::none;
  if (has_body)
    headers.push_back({"Content-Type",
                       is_text ? "text/plain; charset=utf-8" : "application/json; charset=utf-8"});
  for (const auto& [name, value] : plan.receiver.headers) {
    put_header(headers, macros.put_in(name, ""), percent_decoded(macros.put_in(value, "")));
  }
  put_header(headers, "Fiware-Correlator", occasion.correlator);
  put_header(headers, "Ngsiv2-AttrsFormat", std::string(format_word(plan)));
  return headers;
}

/// What would end the request line or the query is escaped; the rest is as the client wants it.
std::string safe(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) > '~' || c == '#' ||
        c == '&') {
      out += percent_encoded(std::string_view(&c, 1));
    } else {
      out += c;
    }
  }
  return out;
}

std::string url_of(const Receiver& receiver, const MacroContext& macros) {
  if (!receiver.is_custom) return receiver.url;
  std::string url = macros.put_in(receiver.url, "");
  std::map<std::string, std::string> query;  // in this order, and no part of a pair empty
  for (const auto& [name, value] : receiver.query) {
    query[macros.put_in(name, "")] = macros.put_in(value, "");
  }
  char before = url.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : query) {
    if (name.empty() || value.empty()) continue;
    url += before;
    url += safe(name) + "=" + safe(value);
    before = '&';
  }
  return url;
}

/// Empty where nothing is custom: most notifications have no macro.
MacroContext macros_of(const SubscriptionPlan& plan, const EntityEvent& event,
                       const Occasion& occasion) {
  if (!plan.receiver.is_custom) return {{}, {}, {}, occasion.call.now};
  Object who;
  set(who, "service", occasion.tenant.name);
  set(who, "servicePath", Value(event.entity.service_path));
  set(who, "authToken", Value(find_header(occasion.call.request.headers, "X-Auth-Token")));
  return {event.entity, {.changes = event.changes}, std::move(who), occasion.call.now};
}

}  // namespace

std::optional<Notification> render_notification(const Subscription& subscription,
                                                const EntityEvent& event, Alteration alteration,
                                                const Occasion& occasion) {
  const SubscriptionPlan& plan = subscription.plan;
  const Receiver& receiver = plan.receiver;
  MacroContext macros = macros_of(plan, event, occasion);
  Notification notification;
  notification.subscription = occasion.tenant.name + " " + subscription.id;
  notification.at = occasion.call.now;
  notification.timeout =
      receiver.timeout.count() > 0 ? receiver.timeout : occasion.world.options.http_timeout;
  notification.body = body_of(subscription, event, alteration, macros);
  notification.headers = headers_of(plan, event.entity, occasion, macros);
  if (receiver.kind == Receiver::Kind::events) {
    notification.transport = Notification::Transport::events;
    return notification;
  }
  notification.url = url_of(receiver, macros);
  const auto address = parse_address(notification.url);
  if (!address) return std::nullopt;
  if (receiver.kind == Receiver::Kind::http) {
    notification.method = receiver.method.empty() ? "POST" : macros.put_in(receiver.method, "");
    return notification;
  }
  notification.transport = Notification::Transport::mqtt;
  notification.host = address->host;
  notification.port = address->port;
  notification.topic = receiver.is_custom ? macros.put_in(receiver.topic, "") : receiver.topic;
  notification.qos = receiver.qos;
  notification.retain = receiver.retain;
  notification.user = receiver.user;
  notification.password = receiver.password;
  return notification;
}

}  // namespace sosie::ngsi
