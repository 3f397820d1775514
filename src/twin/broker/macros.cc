#include "twin/broker/macros.h"

#include <algorithm>

#include "base/text.h"
#include "twin/model/date.h"
#include "twin/model/name_index.h"

namespace sosie::ngsi {
namespace {

/// Where the macro that opens at `open` ends: at the brace that closes it, those in texts and of
/// objects inside the expression not counted. npos: nowhere.
std::size_t closing(std::string_view text, std::size_t open) {
  int depth = 0;
  char quote = 0;
  for (std::size_t i = open + 1; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

/// Whether the text is one macro and nothing else.
bool is_whole(std::string_view text) {
  return text.starts_with("${") && closing(text, 0) == text.size() - 1;
}

void append(const Value& value, std::string& out) {
  if (const auto* text = value.text()) {
    out += text->view();
  } else {
    render_value(value, out);
  }
}

/// Whether it can be nothing but a name: `a-b` and `a:b` are expressions, whatever attributes there
/// are.
bool is_name(std::string_view token) {
  return std::ranges::none_of(token, [](char c) {
    constexpr std::string_view signs = "+-*/%^&|!<>=?:.,;()[]{}'\" \t\n";
    return signs.find(c) != std::string_view::npos;
  });
}

/// The built-in ones first: a user's of the same name hide them.
Object metadata_of(const Attribute& attribute, const AttributeChange* change) {
  Object all;
  if (change != nullptr) {
    set(all, "actionType", Value(change->action));
    if (change->previous) set(all, "previousValue", change->previous->value);
  }
  set(all, "dateCreated", Value(print_date(attribute.created)));
  set(all, "dateModified", Value(print_date(attribute.modified)));
  for (const auto& metadata : attribute.metadata) set(all, metadata.name, metadata.value);
  return all;
}

Object metadata_of(const Entity& entity, const Happening& happening) {
  Object all;
  all.reserve(entity.attributes.size());
  NameIndex changes(happening.changes);
  for (const auto& attribute : entity.attributes) {
    all.emplace_back(attribute.name, metadata_of(attribute, changes.find(attribute.name)));
  }
  return all;
}

}  // namespace

std::string without_macros(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find("${");
    const auto close = open == std::string_view::npos ? open : closing(text, open);
    if (close == std::string_view::npos) break;
    out += text.substr(0, open);
    text.remove_prefix(close + 1);
  }
  return out.append(text);
}

MacroContext::MacroContext(const Entity& entity, const Happening& happening, Object who,
                           Timestamp now)
    : context_(std::move(who)), now_(now) {
  set(context_, "metadata", metadata_of(entity, happening));
  NameIndex index(context_);
  for (const auto& attribute : entity.attributes) {
    if (auto* hidden = index.find(attribute.name)) {
      hidden->value = attribute.value;
    } else {
      context_.emplace_back(attribute.name, attribute.value);
    }
  }
  set(context_, "id", Value(entity.id));
  set(context_, "type", Value(entity.type));
}

void MacroContext::set_attribute(std::string_view name, Value value) {
  set(context_, name, std::move(value));
  whole_ = Value();
}

Value MacroContext::evaluate(const Expression& expression) const {
  if (whole_.is_null()) whole_ = Value(context_);
  return expression.evaluate(whole_, now_);
}

Value MacroContext::value(std::string_view token) const {
  const Value* plain = is_name(token) ? find(context_, token) : nullptr;
  if (plain != nullptr) return *plain;
  const auto expression = Expression::parse(token);
  return expression ? evaluate(*expression) : Value();
}

std::string MacroContext::put_in(std::string_view text, std::string_view missing) const {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find("${");
    const auto close = open == std::string_view::npos ? open : closing(text, open);
    if (close == std::string_view::npos) break;
    out += text.substr(0, open);
    const auto token = trim(text.substr(open + 2, close - open - 2));
    const Value found = value(token);
    if (found.is_null()) {
      out += missing;
    } else {
      append(found, out);
    }
    text.remove_prefix(close + 1);
  }
  return out.append(text);
}

Value MacroContext::put_in(const Value& json) const {
  if (const auto* text = json.text()) {
    const auto whole = text->view();
    if (is_whole(whole)) return value(trim(whole.substr(2, whole.size() - 3)));
    return Value(put_in(whole, "null"));
  }
  if (const auto* array = json.array()) {
    Array result;
    for (const auto& item : *array) result.push_back(put_in(item));
    return result;
  }
  if (const auto* object = json.object()) {
    Object result;
    for (const auto& [key, item] : *object) result.emplace_back(key, put_in(item));
    return result;
  }
  return json;
}

}  // namespace sosie::ngsi
