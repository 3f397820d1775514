#pragma once

#include "twin/model/error.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// Whether a value is not one but says what to do with the one that is there: an object whose
/// first key is $inc, $mul, $min, $max, $push, $addToSet, $pull, $pullAll, $set or $unset.
bool is_operator(const Value& value);

/// What the operation makes of `current` (null: there is no such attribute yet), with MongoDB's
/// semantics ("Update Operators" of its manual): `$each` with `$position`, `$sort` and `$slice`,
/// conditions in `$pull`, dots in the keys of $set and $unset. These two may stand side by side; of
/// others the first is done, as one attribute takes one operator. 500 with MongoDB's words where it
/// would refuse. REQUIRES: is_operator(operation).
Checked<Value> operate(const Value& operation, const Value* current);

/// What an operation of an entity that is being made, or replaced as a whole, starts from: 0, an
/// empty array or an empty object.
/// REQUIRES: is_operator(operation).
Value reference_of(const Value& operation);

/// Whether the operation is $unset, $pull or $pullAll, which make no attribute.
bool only_removes(const Value& operation);

}  // namespace sosie::ngsi
