#include <array>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/body.h"
#include "twin/broker/entities_vector.h"
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

/// The object of a body's member, which must be there.
Checked<const Object*> needed_object(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member == nullptr) {
    return bad_request(fmt::format("the field /{}/ is missing in payload", key));
  }
  if (member->object() == nullptr) {
    return bad_request(fmt::format("/{}/ must be a JSON object", key));
  }
  return member->object();
}

Checked<void> read_entities(const Value& list, Registration& registration) {
  const auto all = TRY(read_entities_vector(list));
  if (all.empty()) return bad_request("dataProvided entities is empty");
  registration.entities.reserve(all.size());
  for (const auto& words : all) {
    if (!words.id_pattern.empty() && words.id_pattern != ".*") {
      return not_implemented("Unsupported idPattern");
    }
    if (!words.type_pattern.empty()) return not_implemented("typePattern is not supported");
    registration.entities.push_back({.id = words.id, .type = words.type});
  }
  return {};
}

Checked<void> read_data(const Object& data, Registration& registration) {
  if (data.empty()) return bad_request("/dataProvided/ is empty");
  const Value* list = find(data, "entities");
  // Attributes alone are taken, though they are nobody's: no request is forwarded then.
  if (list == nullptr && find(data, "attrs") == nullptr) {
    return bad_request("dataProvided entities is missing");
  }
  if (list != nullptr) {
    TRY(read_entities(*list, registration));
  }
  registration.attrs = TRY(names_at(data, "attrs"));
  for (const auto& name : registration.attrs) {
    TRY(check_field(name, "attribute name"));
  }
  return {};
}

Checked<void> read_http(const Object& provider, Registration& registration) {
  const Value* http = find(provider, "http");
  if (http == nullptr) return bad_request("/provider/ must contain a field /http/");
  if (http->object() == nullptr) return bad_request("/http/ must be a JSON object");
  const Value* url = http->find("url");
  if (url == nullptr) return bad_request("/http/ must contain a field /url/");
  if (url->text() == nullptr) {
    return bad_request("/url/ field of /http/ must be a JSON string");
  }
  const std::string_view text = *url->text();
  if (text.empty()) return bad_request("/url/ field of /http/ cannot be the empty string");
  if (has_forbidden(text)) return bad_request("forbidden characters in provider /url/");
  const auto address = parse_address(text);
  if (!address || address->scheme == "mqtt") {
    return bad_request("/url/ field of /http/ is invalid");
  }
  registration.url = text;
  while (registration.url.ends_with('/')) registration.url.pop_back();
  return {};
}

Checked<void> read_mode(const Object& provider, Registration& registration) {
  const Value* word = find(provider, "supportedForwardingMode");
  if (word == nullptr) return {};
  if (word->text() == nullptr) {
    return bad_request("/supportedForwardingMode/ must be a JSON string");
  }
  for (const auto& [name, mode] : modes) {
    if (*word->text() != name) continue;
    registration.mode = mode;
    return {};
  }
  return bad_request("invalid value of /supportedForwardingMode/");
}

Checked<void> read_provider(const Object& provider, Registration& registration) {
  if (provider.empty()) return bad_request("/provider/ empty");
  TRY(read_http(provider, registration));
  TRY(read_mode(provider, registration));
  const Value* legacy = find(provider, "legacyForwarding");
  if (legacy != nullptr && legacy->flag() == nullptr) {
    return bad_request("the field /legacyForwarding/ must be a boolean");
  }
  return {};
}

Checked<void> read_status(const Object& body, Registration& registration) {
  const Value* word = find(body, "status");
  if (word == nullptr) return {};
  if (word->text() == nullptr) return bad_request("/status/ must be a string");
  registration.is_active = *word->text() == "active";
  if (!registration.is_active && *word->text() != "inactive") {
    return bad_request("invalid value for /status/");
  }
  return {};
}

Checked<void> read_description(const Object& body, Registration& registration) {
  const Value* text = find(body, "description");
  if (text == nullptr) return {};
  if (text->text() == nullptr) return bad_request("invalid description");
  registration.description = text->text()->view();
  if (registration.description.size() > 1024) return bad_request("max description length exceeded");
  if (has_forbidden(std::string_view(registration.description))) {
    return bad_request("forbidden characters in description");
  }
  return {};
}

Checked<void> read_expires(const Object& body, Registration& registration) {
  const auto text = TRY(text_at(body, "expires"));
  if (!text || text->empty()) return {};
  registration.expires = parse_date(*text);
  if (!registration.expires) return bad_request("the field /expires/ has an invalid format");
  return {};
}

}  // namespace

Checked<Registration> read_registration(const Value& body) {
  if (body.object() == nullptr) return bad_request("not a JSON object");
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
