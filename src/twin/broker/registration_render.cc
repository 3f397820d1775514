#include "twin/broker/entity_document.h"
#include "twin/broker/exact_json.h"
#include "twin/broker/json_members.h"
#include "twin/broker/registration.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

std::string_view mode_text(ForwardingMode mode) {
  switch (mode) {
    case ForwardingMode::none:
      return "none";
    case ForwardingMode::query:
      return "query";
    case ForwardingMode::update:
      return "update";
    case ForwardingMode::all:
      break;
  }
  return "all";
}

std::string_view status_text(const Registration& registration, Timestamp now) {
  if (registration.is_expired(now)) return "expired";
  return registration.is_active ? "active" : "inactive";
}

void render_data(const Registration& registration, std::string& out) {
  Members members(out);
  std::string& list = members.key("entities");
  list += '[';
  for (const auto& provided : registration.entities) {
    if (list.back() != '[') list += ',';
    Members entity(list);
    if (provided.id.empty()) {
      entity.text("idPattern", ".*");
    } else {
      entity.text("id", provided.id);
    }
    if (!provided.type.empty()) entity.text("type", provided.type);
  }
  list += ']';
  members.texts("attrs", registration.attrs);
}

void render_provider(const Registration& registration, std::string& out) {
  Members members(out);
  {
    Members http(members.key("http"));
    http.text("url", registration.url);
  }
  members.text("supportedForwardingMode", mode_text(registration.mode));
}

}  // namespace

void render_registration(const Registration& registration, Timestamp now, std::string& out) {
  Members members(out);
  members.text("id", registration.id);
  if (!registration.description.empty()) members.text("description", registration.description);
  if (registration.expires) members.text("expires", print_date(*registration.expires));
  render_data(registration, members.key("dataProvided"));
  render_provider(registration, members.key("provider"));
  members.text("status", status_text(registration, now));
}

Document registration_document(std::string_view tenant, const Registration& registration) {
  std::string definition;
  write_exact(registration.definition, definition);
  std::string body;
  {
    Members members(body);
    members.number("number", static_cast<std::int64_t>(registration.number));
    members.text("scope", registration.scope.first());
    members.text("definition", definition);
  }
  return {.kind = DocumentKind::registration,
          .key = document_key({tenant, registration.id}),
          .body = std::move(body)};
}

std::optional<Registration> read_registration_document(std::string_view id, std::string_view body) {
  const auto document = parse_json(body);
  if (!document) return std::nullopt;
  const Value* text = document->find("definition");
  const Value* path = document->find("scope");
  const Value* number = document->find("number");
  if (text == nullptr || text->text() == nullptr || path == nullptr || path->text() == nullptr ||
      number == nullptr || number->number() == nullptr) {
    return std::nullopt;
  }
  const auto definition = parse_json(*text->text());
  auto scope = Scope::parse(*path->text());
  if (!definition || !scope) return std::nullopt;
  auto registration = read_registration(*definition);
  if (!registration) return std::nullopt;
  registration->id = id;
  registration->number = static_cast<std::uint64_t>(*number->number());
  registration->scope = std::move(*scope);
  return std::move(*registration);
}

}  // namespace sosie::ngsi
