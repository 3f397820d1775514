#include <array>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/body.h"
#include "twin/broker/receiver_parse.h"
#include "twin/broker/registration.h"
#include "twin/model/date.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {
namespace {

constexpr std::array<std::pair<std::string_view, ForwardingMode>, 4> modes{
    {{"none", ForwardingMode::none},
     {"query", ForwardingMode::query},
     {"update", ForwardingMode::update},
     {"all", ForwardingMode::all}}};

NgsiError not_implemented(std::string description) {
  return {.status = 501, .error = "NotImplemented", .description = std::move(description)};
}

Checked<const Object*> needed_object(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member == nullptr) return bad_request(fmt::format("{} is missing", key));
  if (member->object() == nullptr) return bad_request(fmt::format("{} is not an object", key));
  return member->object();
}

/// A text at `key` that is an id or a type; empty if it is not there.
Checked<std::string> read_field(const Object& object, std::string_view key) {
  const auto text = TRY(text_at(object, key));
  if (!text) return std::string();
  TRY(check_field(*text, fmt::format("entity {}", key)));
  return std::string(*text);
}

Checked<ProvidedEntity> read_provided(const Value& element) {
  const Object* object = TRY(object_part(element, "dataProvided entities element",
                                         {"id", "idPattern", "type", "typePattern"}));
  const bool has_id = find(*object, "id") != nullptr;
  const auto pattern = TRY(text_at(*object, "idPattern"));
  if (has_id && pattern) return bad_request("id and idPattern cannot be used at the same time");
  if (!has_id && !pattern) {
    return bad_request("dataProvided entities element does not have id nor idPattern");
  }
  if (find(*object, "typePattern") != nullptr) {
    return not_implemented("type pattern not implemented");
  }
  if (pattern && *pattern != ".*") return not_implemented("id pattern not implemented, but for .*");
  ProvidedEntity provided;
  provided.id = TRY(read_field(*object, "id"));
  provided.type = TRY(read_field(*object, "type"));
  return provided;
}

Checked<void> read_data(const Object& data, Registration& registration) {
  const Array* list = TRY(array_at(data, "entities"));
  auto attrs = TRY(texts_at(data, "attrs"));
  // Attributes alone are taken, though they are nobody's: no request is forwarded then.
  if (list == nullptr && !attrs) return bad_request("dataProvided entities is missing");
  if (list != nullptr && list->empty()) return bad_request("dataProvided entities is empty");
  for (const auto& element : list == nullptr ? Array() : *list) {
    auto provided = TRY(read_provided(element));
    registration.entities.push_back(std::move(provided));
  }
  if (!attrs) return {};
  for (const auto& name : *attrs) {
    TRY(check_field(name, "attribute name"));
  }
  registration.attrs = std::move(*attrs);
  return {};
}

Checked<void> read_provider(const Object& provider, Registration& registration) {
  const Object* http = TRY(needed_object(provider, "http"));
  const auto url = TRY(text_at(*http, "url"));
  if (!url) return bad_request("url is missing");
  if (has_forbidden(*url)) return bad_request("forbidden characters in provider /url/");
  const auto address = parse_address(*url);
  if (!address || address->scheme == "mqtt") return bad_request("Invalid provider URL");
  registration.url = *url;
  while (registration.url.ends_with('/')) registration.url.pop_back();
  const auto word = TRY(text_at(provider, "supportedForwardingMode"));
  if (!word) return {};
  for (const auto& [name, mode] : modes) {
    if (name != *word) continue;
    registration.mode = mode;
    return {};
  }
  return bad_request("non-supported Forwarding Mode");
}

Checked<void> read_status(const Object& body, Registration& registration) {
  const auto word = TRY(text_at(body, "status"));
  if (!word) return {};
  if (*word != "active" && *word != "inactive") return bad_request("status is not valid");
  registration.is_active = *word == "active";
  return {};
}

Checked<void> read_description(const Object& body, Registration& registration) {
  const auto text = TRY(text_at(body, "description"));
  if (!text) return {};
  if (text->size() > 1024) return bad_request("max description length exceeded");
  if (has_forbidden(*text)) return bad_request("forbidden characters in description");
  registration.description = *text;
  return {};
}

Checked<void> read_expires(const Object& body, Registration& registration) {
  const auto text = TRY(text_at(body, "expires"));
  if (!text || text->empty()) return {};
  registration.expires = parse_date(*text);
  if (!registration.expires) return bad_request("expires has an invalid format");
  return {};
}

}  // namespace

Checked<Registration> read_registration(const Value& body) {
  if (body.object() == nullptr) return bad_request("JSON Parse Error: not a JSON object");
  const Object* object = body.object();
  if (object->empty()) return bad_request("empty payload");
  Registration registration;
  TRY(read_description(*object, registration));
  const Object* data = TRY(needed_object(*object, "dataProvided"));
  TRY(read_data(*data, registration));
  const Object* provider = TRY(needed_object(*object, "provider"));
  TRY(read_provider(*provider, registration));
  TRY(read_expires(*object, registration));
  TRY(read_status(*object, registration));
  registration.definition = body;
  return registration;
}

}  // namespace sosie::ngsi
