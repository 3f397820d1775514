#include "twin/model/render.h"

#include <set>

#include "twin/model/date.h"
#include "twin/model/name_index.h"

namespace sosie::ngsi {

namespace {

constexpr std::string_view every = "*";

using Names = NameIndex<const std::vector<Text>>;
using Changes = NameIndex<const std::span<const AttributeChange>>;

/// Calls `named(name)` for each name of a selection and `rest(taken)` where `*` stands, `taken`
/// being all names of the list; each name once.
template <class Named, class Rest>
void each_selected(const Selection& selection, Named named, Rest rest) {
  Names taken(selection.names.empty() ? selection.except : selection.names);
  if (selection.names.empty()) return rest(taken);
  for (const Text& name : selection.names) {
    if (taken.find(name) != &name) continue;
    if (name == every) {
      rest(taken);
    } else {
      named(name);
    }
  }
}

Value date_value(Timestamp at) {
  return print_date(at);
}

/// A piece of metadata or an attribute that we make, not the user.
struct BuiltIn {
  Text type;
  Value value;
};

BuiltIn a_date(Timestamp at) {
  return {.type = intern("DateTime"), .value = date_value(at)};
}
BuiltIn a_text(std::string_view text) {
  return {.type = intern("Text"), .value = Text(text)};
}

std::optional<BuiltIn> built_in(const Entity& entity, const Happening& happening,
                                std::string_view name) {
  if (name == "dateCreated") return a_date(entity.created);
  if (name == "dateModified") return a_date(entity.modified);
  if (name == "dateExpires" && entity.expires) return a_date(*entity.expires);
  if (name == "servicePath") return a_text(entity.service_path);
  if (name == "alterationType" && !happening.alteration_type.empty()) {
    return a_text(happening.alteration_type);
  }
  return std::nullopt;
}

std::optional<BuiltIn> built_in(const Attribute& attribute, Changes& changes,
                                std::string_view name) {
  if (name == "dateCreated") return a_date(attribute.created);
  if (name == "dateModified") return a_date(attribute.modified);
  const AttributeChange* change = changes.find(attribute.name);
  if (change == nullptr) return std::nullopt;
  if (name == "actionType") return a_text(change->action);
  const auto& previous = change->previous;
  if (name != "previousValue" || !previous) return std::nullopt;
  return BuiltIn{.type = previous->type, .value = previous->value};
}

/// Writes `{"a":…,"b":…}` or `[…,…]`: the commas.
class Members {
 public:
  Members(std::string& out, char open, char close) : out_(out), close_(close) { out_ += open; }
  ~Members() { out_ += close_; }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  void next() {
    if (!is_first_) out_ += ',';
    is_first_ = false;
  }
  void key(std::string_view name) {
    next();
    render_text(name, out_);
    out_ += ':';
  }

 private:
  std::string& out_;
  char close_;
  bool is_first_ = true;
};

void type_and_value(std::string_view type, const Value& value, std::string& out) {
  out += R"({"type":)";
  render_text(type, out);
  out += R"(,"value":)";
  render_value(value, out);
}

void render_metadata(const Attribute& attribute, const View& view, Changes& changes,
                     std::string& out) {
  Members members(out, '{', '}');
  const auto write = [&](std::string_view name, std::string_view type, const Value& value) {
    members.key(name);
    type_and_value(type, value, out);
    out += '}';
  };
  NameIndex metadata(attribute.metadata);
  each_selected(
      view.metadata,
      [&](const Text& name) {
        if (const Metadata* own = metadata.find(name)) {
          write(name, own->type, own->value);
        } else if (const auto made = built_in(attribute, changes, name)) {
          write(name, made->type, made->value);
        }
      },
      [&](Names& taken) {
        for (const Metadata& own : attribute.metadata) {
          if (!taken.has(own.name)) write(own.name, own.type, own.value);
        }
      });
}

/// What an entity shows: calls `own(attribute)` and `made(name, built-in)` in order.
template <class Own, class Made>
void each_shown(const Entity& entity, const View& view, Own own, Made made) {
  NameIndex attributes(entity.attributes);
  each_selected(
      view.attrs,
      [&](const Text& name) {
        if (const Attribute* attribute = attributes.find(name)) {
          own(*attribute);
        } else if (const auto ours = built_in(entity, view.happening, name)) {
          made(name, *ours);
        } else if (view.covered) {
          made(name, BuiltIn{.type = intern("None"), .value = {}});
        }
      },
      [&](Names& taken) {
        for (const Attribute& attribute : entity.attributes) {
          if (!taken.has(attribute.name)) own(attribute);
        }
      });
}

void whole_attribute(const Attribute& attribute, const View& view, Changes& changes,
                     std::string& out) {
  type_and_value(attribute.type, attribute.value, out);
  out += R"(,"metadata":)";
  render_metadata(attribute, view, changes, out);
  out += '}';
}

void normalized(const Entity& entity, const View& view, Members& members, std::string& out) {
  Changes changes(view.happening.changes);
  each_shown(
      entity, view,
      [&](const Attribute& attribute) {
        members.key(attribute.name);
        whole_attribute(attribute, view, changes, out);
      },
      [&](std::string_view name, const BuiltIn& made) {
        members.key(name);
        type_and_value(made.type, made.value, out);
        out += R"(,"metadata":{}})";
      });
}

void key_values(const Entity& entity, const View& view, Members& members, std::string& out) {
  const auto write = [&](std::string_view name, const Value& value) {
    members.key(name);
    render_value(value, out);
  };
  each_shown(
      entity, view, [&](const Attribute& a) { write(a.name, a.value); },
      [&](std::string_view name, const BuiltIn& made) { write(name, made.value); });
}

void values(const Entity& entity, const View& view, std::string& out) {
  Array shown;
  std::set<Value> seen;
  const auto take = [&](const Value& value) {
    if (view.format == Format::values || seen.insert(value).second) shown.push_back(value);
  };
  each_shown(
      entity, view, [&](const Attribute& a) { take(a.value); },
      [&](std::string_view, const BuiltIn& made) { take(made.value); });
  render_value(std::move(shown), out);
}

bool is_list(Format format) {
  return format == Format::values || format == Format::unique_values;
}

void attributes(const Entity& entity, const View& view, Members& members, std::string& out) {
  if (view.format == Format::key_values || view.format == Format::simplified_key_values) {
    key_values(entity, view, members, out);
  } else {
    normalized(entity, view, members, out);
  }
}

}  // namespace

void render_attribute(const Attribute& attribute, const View& view, std::string& out) {
  Changes changes(view.happening.changes);
  whole_attribute(attribute, view, changes, out);
}

void render_entity(const Entity& entity, const View& view, std::string& out) {
  if (is_list(view.format)) return values(entity, view, out);
  Members members(out, '{', '}');
  members.key("id");
  render_text(entity.id, out);
  members.key("type");
  render_text(entity.type, out);
  attributes(entity, view, members, out);
}

void render_attributes(const Entity& entity, const View& view, std::string& out) {
  if (is_list(view.format)) return values(entity, view, out);
  Members members(out, '{', '}');
  attributes(entity, view, members, out);
}

}  // namespace sosie::ngsi
