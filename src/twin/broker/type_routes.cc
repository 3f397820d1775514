#include <algorithm>
#include <map>
#include <shared_mutex>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/routes.h"
#include "twin/model/render.h"

namespace sosie::ngsi {
namespace {

/// What the entities of one type have in common.
struct TypeSummary {
  std::map<Text, std::vector<Text>> attributes;  ///< the types that each is seen with
  std::size_t count = 0;
};

TypeSummary summary(const Roll& roll, const Scope& scope) {
  TypeSummary result;
  roll.each([&](const StoredEntity& entity) {
    if (!scope.contains(entity.service_path)) return true;
    ++result.count;
    for (const auto& attribute : entity.attributes) {
      auto& types = result.attributes[attribute.name];
      if (std::ranges::find(types, attribute.type) == types.end()) types.push_back(attribute.type);
    }
    return true;
  });
  return result;
}

void render_list(const std::vector<Text>& texts, std::string& out) {
  char before = '[';
  for (const auto& text : texts) {
    out += before;
    render_text(text, out);
    before = ',';
  }
  out += texts.empty() ? "[]" : "]";
}

/// "attrs":{…},"count":n
void render_summary(const TypeSummary& type, bool has_detail, std::string& out) {
  char before = '{';
  out += "\"attrs\":";
  for (const auto& [name, types] : type.attributes) {
    out += before;
    render_text(name, out);
    out += ":{\"types\":";
    render_list(has_detail ? types : std::vector<Text>(), out);
    out += '}';
    before = ',';
  }
  out += type.attributes.empty() ? "{}" : "}";
  out += fmt::format(",\"count\":{}", type.count);
}

bool has_any(const Roll& roll, const Scope& scope) {
  bool found = false;
  roll.each([&](const StoredEntity& entity) {
    found = scope.contains(entity.service_path);
    return !found;
  });
  return found;
}

std::string render_type(const std::string& name, const Roll& roll, const Call& call) {
  std::string out;
  if (call.has(Option::values)) {
    render_text(name, out);
    return out;
  }
  out = "{\"type\":";
  render_text(name, out);
  out += ',';
  render_summary(summary(roll, call.read_scope()), !call.has(Option::no_attr_detail), out);
  return out + "}";
}

}  // namespace

Checked<Answer> list_types(World& world, const Call& call) {
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  const Page page = call.parameters.page();
  const Scope scope = call.read_scope();
  std::string body = "[";
  std::size_t total = 0;
  tenant.entities.each_type([&](const std::string& name, const Roll& roll) {
    if (!has_any(roll, scope)) return;
    if (total >= page.offset && total < page.offset + page.limit) {
      if (body.size() > 1) body += ',';
      body += render_type(name, roll, call);
    }
    ++total;
  });
  Answer answer = json_answer(body + "]");
  if (call.has(Option::count)) {
    answer.headers.push_back({"Fiware-Total-Count", std::to_string(total)});
  }
  return answer;
}

Checked<Answer> get_type(World& world, const Call& call) {
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  std::string body;
  tenant.entities.each_type([&](const std::string& name, const Roll& roll) {
    if (name != call.captured.front() || !has_any(roll, call.read_scope())) return;
    body = "{";
    render_summary(summary(roll, call.read_scope()), !call.has(Option::no_attr_detail), body);
    body += '}';
  });
  if (body.empty()) return not_found("Entity type not found");
  return json_answer(std::move(body));
}

}  // namespace sosie::ngsi
