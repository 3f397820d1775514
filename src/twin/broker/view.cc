#include "twin/broker/view.h"

#include <algorithm>

#include "twin/broker/answers.h"

namespace sosie::ngsi {
namespace {

Format read_format(const Call& call) {
  if (call.has(Option::key_values)) return Format::key_values;
  if (call.has(Option::values)) return Format::values;
  if (call.has(Option::unique)) return Format::unique_values;
  return Format::normalized;
}

void add(Selection& selection, std::string_view name) {
  if (selection.names.empty()) selection.names.emplace_back("*");
  const bool is_there =
      std::ranges::any_of(selection.names, [&](const Text& there) { return there == name; });
  if (!is_there) selection.names.emplace_back(name);
}

}  // namespace

View read_view(const Call& call) {
  View view;
  view.format = read_format(call);
  for (const auto& name : call.parameters.list("attrs")) view.attrs.names.emplace_back(name);
  for (const auto& name : call.parameters.list("metadata")) view.metadata.names.emplace_back(name);
  if (call.has(Option::date_created)) add(view.attrs, "dateCreated");
  if (call.has(Option::date_modified)) add(view.attrs, "dateModified");
  return view;
}

Answer list_answer(const Call& call, const EntityList& list, const View& view) {
  std::string body = "[";
  for (const Entity* entity : list.entities) {
    if (body.size() > 1) body += ',';
    render_entity(*entity, view, body);
  }
  body += ']';
  Answer answer = json_answer(std::move(body));
  if (call.has(Option::count)) {
    answer.headers.push_back({"Fiware-Total-Count", std::to_string(list.total)});
  }
  return answer;
}

}  // namespace sosie::ngsi
