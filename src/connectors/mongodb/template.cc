#include "connectors/mongodb/template.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/ranges.h>

#include "base/text.h"

namespace sosie::mongodb {
namespace {

constexpr std::array<std::string_view, 7> reading_fields{"entity", "attribute", "value",  "time",
                                                         "unit",   "quality",   "anomaly"};
constexpr std::array<std::string_view, 12> alarm_fields{
    "alarm",   "what",   "time", "condition", "priority", "active",
    "message", "entity", "who",  "comment",   "raised",   "cleared"};

int length_of(std::string_view text) {
  return static_cast<int>(text.size());
}

void append(bson_t& document, const std::string& name, const Value& value) {
  struct {
    bson_t& document;
    const char* name;
    int length;
    void operator()(std::monostate) const { bson_append_null(&document, name, length); }
    void operator()(bool flag) const { bson_append_bool(&document, name, length, flag); }
    void operator()(std::int64_t n) const { bson_append_int64(&document, name, length, n); }
    void operator()(double n) const { bson_append_double(&document, name, length, n); }
    void operator()(Timestamp at) const {
      const auto ms = std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch();
      bson_append_date_time(&document, name, length, ms.count());
    }
    void operator()(const std::string& text) const {
      bson_append_utf8(&document, name, length, text.data(), length_of(text));
    }
  } appended{document, name.c_str(), length_of(name)};
  std::visit(appended, value);
}

/// Why MongoDB would not have this name; empty: it would.
std::string_view why_no_field(std::string_view name, bool is_top) {
  if (name.empty()) return "is empty; a field needs a name";
  if (name.front() == '$') return "begins with '$', which MongoDB keeps for itself";
  if (name.find('.') != std::string_view::npos) {
    return "holds a '.', which MongoDB reads as a path; a table in the table makes one";
  }
  if (is_top && name == "_id") return "is Sosie's: it is made from series and time";
  return {};
}

/// What is said of a macro that there is not.
std::string unknown(Holds holds, std::string_view macro) {
  const auto names = macro_names(holds);
  auto what = fmt::format("has the unknown macro ${{{}}}", macro);
  if (const auto near = nearest(macro, names)) {
    what += fmt::format("; did you mean ${{{}}}?", *near);
  } else {
    what += fmt::format("; known here: {}", fmt::join(names, ", "));
  }
  return what;
}

std::vector<const std::pair<const std::string, Node>*> in_file_order(const Node::Table& table) {
  std::vector<const std::pair<const std::string, Node>*> fields;
  fields.reserve(table.size());
  for (const auto& field : table) fields.push_back(&field);
  std::ranges::sort(fields, {}, [](const auto* field) {
    return std::pair(field->second.line, field->second.column);
  });
  return fields;
}

}  // namespace

Template::Part Template::constant(const std::string& name, Value value) {
  Part made;
  made.name = name;
  made.value = std::move(value);
  return made;
}

Result<Template::Part> Template::read_text(const std::string& name, std::string_view text,
                                           const Place& place) {
  Part made;
  made.name = name;
  std::string plain;
  while (!text.empty()) {
    const auto begin = std::min(text.find("${"), text.size());
    if (begin > 0 && begin < text.size() && text[begin - 1] == '$') {
      plain.append(text.substr(0, begin - 1)).append("${");
      text.remove_prefix(begin + 2);
      continue;
    }
    plain.append(text.substr(0, begin));
    text.remove_prefix(begin);
    if (text.empty()) break;
    const auto end = text.find('}');
    const auto named = text.substr(2, end == std::string_view::npos ? end : end - 2);
    const auto macro = find_macro(place.holds, named);
    if (!macro || end == std::string_view::npos) {
      return place.section->wrong(
          "document", fmt::format("field \"{}\" {}", name, unknown(place.holds, named)));
    }
    if (!plain.empty()) made.pieces.emplace_back(std::exchange(plain, {}));
    made.pieces.emplace_back(*macro);
    text.remove_prefix(end + 1);
  }
  if (made.pieces.empty()) return constant(name, Value(std::move(plain)));
  if (!plain.empty()) made.pieces.emplace_back(std::move(plain));
  const auto* only = std::get_if<Macro>(&made.pieces.front());
  made.form = Part::Form::text;
  if (made.pieces.size() == 1 && only != nullptr) {
    made.form = Part::Form::macro;
    made.macro = *only;
  }
  return made;
}

Result<Template::Part> Template::read_part(const std::string& name, const Node& node,
                                           const Place& place) {
  if (const auto* text = std::get_if<std::string>(&node.value)) {
    return read_text(name, *text, place);
  }
  if (const auto* flag = std::get_if<bool>(&node.value)) return constant(name, Value(*flag));
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) {
    return constant(name, Value(*whole));
  }
  if (const auto* number = std::get_if<double>(&node.value)) return constant(name, Value(*number));
  Part made;
  made.name = name;
  if (const auto* table = std::get_if<Node::Table>(&node.value)) {
    made.form = Part::Form::document;
    made.parts = TRY(read_fields(*table, place, false));
    return made;
  }
  made.form = Part::Form::list;
  for (const auto& item : std::get<Node::List>(node.value)) {
    auto part = TRY(read_part(name, item, place));
    part.name = fmt::to_string(made.parts.size());
    made.parts.push_back(std::move(part));
  }
  return made;
}

Result<std::vector<Template::Part>> Template::read_fields(const Node::Table& table,
                                                          const Place& place, bool is_top) {
  std::vector<Part> fields;
  for (const auto* field : in_file_order(table)) {
    const auto& [name, node] = *field;
    if (const auto why = why_no_field(name, is_top); !why.empty()) {
      return place.section->wrong("document", fmt::format("field \"{}\" {}", name, why));
    }
    auto part = TRY(read_part(name, node, place));
    fields.push_back(std::move(part));
  }
  return fields;
}

Result<Template> Template::read(Section& section, Holds holds) {
  const Node* const node = section.raw("document");
  if (node == nullptr) return of_all_defaults(holds);
  const auto* table = std::get_if<Node::Table>(&node->value);
  if (table == nullptr || table->empty()) {
    return section.wrong("document", "is expected to be a table of the document's fields");
  }
  Template made;
  made.fields_ = TRY(read_fields(*table, {&section, holds}, true));
  return made;
}

Template Template::of_all_defaults(Holds holds) {
  Template made;
  const auto add = [&](std::string_view name) {
    Part part;
    part.form = Part::Form::macro;
    part.name = name;
    part.macro = *find_macro(holds, name);
    made.fields_.push_back(std::move(part));
  };
  if (holds == Holds::readings) {
    std::ranges::for_each(reading_fields, add);
  } else {
    std::ranges::for_each(alarm_fields, add);
  }
  return made;
}

void Template::write_inner(const Subject& subject, bson_t& document, const Part& part) {
  const bool is_list = part.form == Part::Form::list;
  bson_t child{};
  if (is_list) {
    bson_append_array_begin(&document, part.name.c_str(), length_of(part.name), &child);
  } else {
    bson_append_document_begin(&document, part.name.c_str(), length_of(part.name), &child);
  }
  for (const auto& inner : part.parts) write_part(subject, child, inner);
  if (is_list) {
    bson_append_array_end(&document, &child);
  } else {
    bson_append_document_end(&document, &child);
  }
}

void Template::write_part(const Subject& subject, bson_t& document, const Part& part) {
  switch (part.form) {
    case Part::Form::value:
      return append(document, part.name, part.value);
    case Part::Form::macro:
      return append(document, part.name, part.macro(subject));
    case Part::Form::document:
    case Part::Form::list:
      return write_inner(subject, document, part);
    case Part::Form::text:
      break;
  }
  std::string written;
  for (const auto& piece : part.pieces) {
    const auto* macro = std::get_if<Macro>(&piece);
    written += macro != nullptr ? to_text((*macro)(subject)) : std::get<std::string>(piece);
  }
  append(document, part.name, written);
}

void Template::write(const Subject& subject, bson_t& document) const {
  for (const auto& field : fields_) write_part(subject, document, field);
}

bool Template::is_date(std::string_view field, Holds holds) const {
  const auto found = std::ranges::find(fields_, field, &Part::name);
  return found != fields_.end() && found->form == Part::Form::macro &&
         found->macro == find_macro(holds, "time");
}

}  // namespace sosie::mongodb
