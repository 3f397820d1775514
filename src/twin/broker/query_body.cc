#include "twin/broker/query_body.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/body.h"
#include "twin/broker/view.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {
namespace {

Checked<std::string_view> expression_text(const Object& object, std::string_view key) {
  const auto text = TRY(text_at(object, key));
  if (text && text->empty()) return bad_request(fmt::format("{} is empty", key));
  return text.value_or(std::string_view());
}

/// An id or a type in full.
Checked<std::vector<std::string>> exact(const Object& object, std::string_view key) {
  const auto text = TRY(text_at(object, key));
  if (!text) return std::vector<std::string>();
  if (text->empty())
    return bad_request(fmt::format("entity {} length: 0, min length supported: 1", key));
  TRY(check_field(*text, fmt::format("entity {}", key)));
  return std::vector<std::string>{std::string(*text)};
}

Checked<std::optional<Pattern>> pattern(const Object& object, std::string_view key) {
  const auto text = TRY(text_at(object, key));
  if (!text) return std::optional<Pattern>();
  if (text->empty()) return bad_request(fmt::format("empty {}", key));
  auto compiled = Pattern::create(*text);
  if (!compiled) return bad_request(fmt::format("Invalid regex for entity {}", key));
  return compiled;
}

}  // namespace

Checked<EntitySelector> read_selector(const Value& element) {
  const Object* object =
      TRY(object_part(element, "entity", {"id", "idPattern", "type", "typePattern"}));
  if (find(*object, "id") != nullptr && find(*object, "idPattern") != nullptr) {
    return bad_request("both /id/ and /idPattern/ present");
  }
  if (find(*object, "type") != nullptr && find(*object, "typePattern") != nullptr) {
    return bad_request("type and typePattern cannot be used at the same time");
  }
  EntitySelector selector;
  selector.ids = TRY(exact(*object, "id"));
  selector.types = TRY(exact(*object, "type"));
  selector.id_pattern = TRY(pattern(*object, "idPattern"));
  selector.type_pattern = TRY(pattern(*object, "typePattern"));
  return selector;
}

Checked<ExpressionTexts> read_expression(const Object& object) {
  ExpressionTexts texts;
  texts.q = TRY(expression_text(object, "q"));
  texts.mq = TRY(expression_text(object, "mq"));
  texts.georel = TRY(expression_text(object, "georel"));
  texts.geometry = TRY(expression_text(object, "geometry"));
  texts.coords = TRY(expression_text(object, "coords"));
  return texts;
}

namespace {

Checked<void> read_entities(const Object& members, EntityQuery& query) {
  const Array* list = TRY(array_at(members, "entities"));
  if (list == nullptr) return {};
  for (const auto& element : *list) {
    auto selector = TRY(read_selector(element));
    query.selectors.push_back(std::move(selector));
  }
  return {};
}

Checked<void> read_filters(const Object& members, EntityQuery& query) {
  const Value* expression = find(members, "expression");
  if (expression == nullptr) return {};
  if (expression->object() == nullptr) return bad_request("expression is not a JSON object");
  if (expression->object()->empty()) return bad_request("expression is empty");
  const auto texts = TRY(read_expression(*expression->object()));
  return add_expression(texts, query);
}

Checked<void> read_selections(const Object& members, AskedEntities& asked) {
  auto old = TRY(texts_at(members, "attributes"));
  auto attrs = TRY(texts_at(members, "attrs"));
  auto metadata = TRY(texts_at(members, "metadata"));
  if (old) asked.query.having = asked.view.attrs.names = std::move(*old);
  if (attrs) asked.view.attrs.names = std::move(*attrs);
  if (metadata) asked.view.metadata.names = std::move(*metadata);
  return {};
}

}  // namespace

Checked<AskedEntities> read_query_body(const Call& call, const Value& body) {
  const Object* members =
      TRY(body_object(body, {"entities", "attrs", "attributes", "expression", "metadata"}));
  const bool is_relevant = std::ranges::any_of(*members, [](const Member& member) {
    return member.key != "metadata";  // which alone asks for nothing
  });
  if (!is_relevant) return bad_request("Invalid JSON payload, no relevant fields found");
  AskedEntities asked{.query = {}, .view = read_view(call)};
  asked.query.scope = call.read_scope();
  TRY(read_entities(*members, asked.query));
  TRY(read_filters(*members, asked.query));
  TRY(read_selections(*members, asked));
  TRY(add_order(call, asked.query));
  return asked;
}

}  // namespace sosie::ngsi
