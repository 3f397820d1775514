#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "twin/jexl/expression.h"
#include "twin/model/entity.h"
#include "twin/model/render.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// A template without its macros: what of it is not an expression.
std::string without_macros(std::string_view text);

/// What `${…}` in custom notifications stands for: names of attributes, `id`, `type`, `service`,
/// `servicePath`, `authToken`, `metadata`, and any JEXL expression over them.
///
/// Threads: one.
class MacroContext {
 public:
  /// `who`: id, type, service, servicePath and authToken, which a user's attributes of these names
  /// hide (but for id and type). `happening` gives the built-in metadata of notifications
  /// (`metadata.<attribute>.previousValue`).
  MacroContext(const Entity& entity, const Happening& happening, Object who, Timestamp now);

  /// An attribute as if the entity had it, or had it with this value.
  void set_attribute(std::string_view name, Value value);
  bool has_attribute(std::string_view name) const { return find(context_, name) != nullptr; }

  Value evaluate(const Expression& expression) const;

  /// The value of what stands between the braces; null if there is none.
  Value value(std::string_view token) const;

  /// `text` with every macro put in; where there is no value, `missing`.
  std::string put_in(std::string_view text, std::string_view missing) const;

  /// A template that is JSON with every macro in its texts put in: one that fills the whole text
  /// keeps its JSON type, and is null if there is no value; elsewhere "null" stands for none.
  Value put_in(const Value& json) const;

 private:
  Object context_;
  mutable Value
      whole_{};  ///< the same as a value, made when an expression first asks; null: not yet
  Timestamp now_;
};

}  // namespace sosie::ngsi
