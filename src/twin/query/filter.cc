#include "twin/query/filter.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "twin/model/date.h"
#include "twin/query/statement.h"

namespace sosie::ngsi {

namespace {

/// What stands at the beginning of a statement's path: a value, or, where `date` is set, an
/// instant.
struct Subject {
  Value value{};
  std::optional<Timestamp> date{};
};

Subject subject_of(const Value& value, std::string_view type) {
  Subject subject{.value = value};
  if (is_date_type(type) && value.text() != nullptr) subject.date = parse_date(*value.text());
  return subject;
}

Subject an_instant(Timestamp at) {
  return {.value = Value(print_date(at)), .date = at};
}

std::optional<Subject> built_in_of(const Entity& entity, std::string_view name) {
  if (name == "dateCreated") return an_instant(entity.created);
  if (name == "dateModified") return an_instant(entity.modified);
  if (name == "dateExpires" && entity.expires) return an_instant(*entity.expires);
  if (name == "servicePath") return Subject{.value = entity.service_path};
  return std::nullopt;
}

std::optional<Subject> find_attribute(const Entity& entity, const Statement& statement) {
  if (auto built_in = built_in_of(entity, statement.attribute)) return built_in;
  const Attribute* attribute = entity.find(statement.attribute.view());
  if (attribute == nullptr) return std::nullopt;
  return subject_of(attribute->value, attribute->type);
}

std::optional<Subject> find_metadata(const Entity& entity, const Statement& statement) {
  const Attribute* attribute = entity.find(statement.attribute.view());
  if (attribute == nullptr) return std::nullopt;
  if (statement.metadata == "dateCreated") return an_instant(attribute->created);
  if (statement.metadata == "dateModified") return an_instant(attribute->modified);
  const Metadata* metadata = attribute->find_metadata(statement.metadata);
  if (metadata == nullptr) return std::nullopt;
  return subject_of(metadata->value, metadata->type);
}

/// Calls `meet` with each value at the end of a path until one returns true. As in MongoDB, a name
/// on an array asks each of its objects, and a number its item too.
template <class Meet>
bool any_at(const Value& at, const std::vector<std::string>& path, std::size_t step, Meet& meet) {
  if (step == path.size()) return meet(at);
  if (const Value* inner = at.find(path[step])) return any_at(*inner, path, step + 1, meet);
  const Array* items = at.array();
  if (items == nullptr) return false;
  const auto index = to_integer(path[step]);
  if (index && *index >= 0 && static_cast<std::size_t>(*index) < items->size()) {
    return any_at((*items)[static_cast<std::size_t>(*index)], path, step + 1, meet);
  }
  return std::ranges::any_of(*items, [&](const Value& item) {
    return item.object() != nullptr && any_at(item, path, step, meet);
  });
}

/// Calls `holds` with a value, and with each item if it is an array.
template <class Holds>
bool self_or_item(const Value& value, Holds holds) {
  const Array* items = value.array();
  return holds(value) || (items != nullptr && std::ranges::any_of(*items, holds));
}

/// How a value or an instant stands to a literal; unordered if they are of different kinds.
std::partial_ordering compare(const Value& value, const std::optional<Timestamp>& date,
                              const Literal& literal) {
  if (const auto* instant = std::get_if<Timestamp>(&literal)) {
    return date ? std::partial_ordering(*date <=> *instant) : std::partial_ordering::unordered;
  }
  const Value& other = std::get<Value>(literal);
  if (date || value.kind() != other.kind()) return std::partial_ordering::unordered;
  return value <=> other;
}

/// Whether the affirmative form of a statement's test holds: `unequal` is asked as `equal`.
bool holds(const Statement& statement, const Value& value, const std::optional<Timestamp>& date) {
  const auto to = [&](std::size_t i) { return compare(value, date, statement.literals[i]); };
  switch (statement.test) {
    case Test::exists:
    case Test::missing:
      return true;
    case Test::equal:
    case Test::unequal:
      return std::ranges::any_of(statement.literals, [&](const Literal& literal) {
        return compare(value, date, literal) == 0;
      });
    case Test::within:
    case Test::without:
      return to(0) >= 0 && to(1) <= 0;
    case Test::greater:
      return to(0) > 0;
    case Test::less:
      return to(0) < 0;
    case Test::greater_or_equal:
      return to(0) >= 0;
    case Test::less_or_equal:
      return to(0) <= 0;
    case Test::like:
    case Test::unlike:
      return !date && value.text() != nullptr && statement.pattern.has_value() &&
             statement.pattern->found_in(*value.text());
  }
  return false;
}

bool is_negative(Test test) {
  return test == Test::unequal || test == Test::without || test == Test::unlike;
}

bool matches_one(const Statement& statement, const Entity& entity) {
  const auto subject = statement.language == Language::q ? find_attribute(entity, statement)
                                                         : find_metadata(entity, statement);
  bool there = false;
  bool met = false;
  const auto meet = [&](const Value& value) {
    there = true;
    const bool is_whole = statement.path.empty();
    met = self_or_item(value, [&](const Value& part) {
      return holds(statement, part, is_whole ? subject->date : std::nullopt);
    });
    return met;
  };
  if (subject) any_at(subject->value, statement.path, 0, meet);
  if (statement.test == Test::missing) return !there;
  return there && met != is_negative(statement.test);
}

bool is_built_in(const Text& name) {
  return name == "dateCreated" || name == "dateModified" || name == "dateExpires" ||
         name == "servicePath";
}

/// The numbers that a comparison with one leaves; none: that is no comparison.
std::optional<Probe::Span> span_of(Test test, double number) {
  constexpr double all = std::numeric_limits<double>::infinity();
  switch (test) {
    case Test::equal:
      return Probe::Span{number, number};
    case Test::greater:
    case Test::greater_or_equal:
      return Probe::Span{number, all};
    case Test::less:
    case Test::less_or_equal:
      return Probe::Span{-all, number};
    default:
      return std::nullopt;
  }
}

const Value* plain(const Literal& literal) {
  return std::get_if<Value>(&literal);
}

std::optional<Probe> probe_of(const Statement& statement) {
  const bool is_of_value = statement.language == Language::q && statement.path.empty() &&
                           !is_built_in(statement.attribute);
  if (!is_of_value || statement.literals.empty()) return std::nullopt;
  Probe probe{.attribute = statement.attribute};
  if (statement.test == Test::within) {
    const Value* low = plain(statement.literals[0]);
    const Value* high = plain(statement.literals[1]);
    if (low == nullptr || high == nullptr || low->number() == nullptr || high->number() == nullptr)
      return std::nullopt;
    probe.numbers.push_back({*low->number(), *high->number()});
    return probe;
  }
  for (const auto& literal : statement.literals) {
    const Value* value = plain(literal);
    if (value == nullptr) return std::nullopt;
    if (value->number() != nullptr) {
      const auto span = span_of(statement.test, *value->number());
      if (!span) return std::nullopt;
      probe.numbers.push_back(*span);
    } else if (value->text() != nullptr && statement.test == Test::equal) {
      probe.texts.push_back(digest_of(*value));
    } else {
      return std::nullopt;
    }
  }
  return probe;
}

Checked<std::shared_ptr<const std::vector<Statement>>> shared_statements(std::string_view text,
                                                                         Language language) {
  auto statements = TRY(parse_statements(text, language));
  return std::make_shared<const std::vector<Statement>>(std::move(statements));
}

}  // namespace

Checked<Filter> Filter::q(std::string_view text) {
  auto statements = TRY(shared_statements(text, Language::q));
  return Filter(std::move(statements));
}

Checked<Filter> Filter::mq(std::string_view text) {
  auto statements = TRY(shared_statements(text, Language::mq));
  return Filter(std::move(statements));
}

bool Filter::matches(const Entity& entity) const {
  return is_empty() || std::ranges::all_of(*statements_, [&](const Statement& statement) {
           return matches_one(statement, entity);
         });
}

std::vector<Probe> Filter::probes() const {
  std::vector<Probe> probes;
  if (statements_ == nullptr) return probes;
  for (const Statement& statement : *statements_) {
    if (auto probe = probe_of(statement)) probes.push_back(std::move(*probe));
  }
  return probes;
}

std::vector<Text> Filter::attributes() const {
  std::vector<Text> names;
  if (statements_ == nullptr) return names;
  for (const Statement& statement : *statements_) {
    if (std::ranges::find(names, statement.attribute) == names.end()) {
      names.push_back(statement.attribute);
    }
  }
  return names;
}

}  // namespace sosie::ngsi
