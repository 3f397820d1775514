#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "twin/model/error.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

// Reading the JSON of bodies that are no entities: batches, queries, subscriptions, registrations.

/// The members of a body. 400 if it is no object or has none, or one that is not in `known`.
Checked<const Object*> body_object(const Value& body,
                                   std::initializer_list<std::string_view> known);

/// The same of a part, called `what` in the description.
Checked<const Object*> object_part(const Value& part, std::string_view what,
                                   std::initializer_list<std::string_view> known);

/// The array at `key`; null if it is not there, 400 if it is none.
Checked<const Array*> array_at(const Object& object, std::string_view key);

/// The text at `key`; none if it is not there, 400 if it is none.
Checked<std::optional<std::string_view>> text_at(const Object& object, std::string_view key);

/// The texts of the array at `key`; none if it is not there.
Checked<std::optional<std::vector<Text>>> texts_at(const Object& object, std::string_view key);

/// The same in Orion's words for lists of names: none is empty, and one that stands twice is there
/// once. `key` is called by its name in descriptions.
Checked<std::vector<Text>> names_at(const Object& object, std::string_view key);

/// The whole number at `key`; none if it is not there.
Checked<std::optional<std::int64_t>> integer_at(const Object& object, std::string_view key);

/// The boolean at `key`; none if it is not there.
Checked<std::optional<bool>> flag_at(const Object& object, std::string_view key);

}  // namespace sosie::ngsi
