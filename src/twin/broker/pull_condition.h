#pragma once

#include <string_view>

#include "twin/model/value.h"

namespace sosie::ngsi {

/// What is at a path with dots inside of a value; null if there is nothing. An empty path is the
/// value itself.
Value at_path(const Value& value, std::string_view path);

/// The operand of `$pull` with the lists of $in and $nin in order, so that a long list costs little
/// for each item that is looked for in it.
Value with_sorted_lists(const Value& operand);

/// Whether `$pull` takes an item out, with MongoDB's semantics: a condition (`{"$gte": 6}`, with
/// $eq $ne $gt $gte $lt $lte $in $nin) holds of the item; an object asks that an item's members
/// are equal to its own, or meet their conditions, whatever other members there are; all else is
/// compared as it is. REQUIRES: the operand has been through `with_sorted_lists`.
bool is_pulled(const Value& item, const Value& operand);

}  // namespace sosie::ngsi
