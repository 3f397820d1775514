#pragma once

#include <optional>

#include "base/clock.h"
#include "twin/broker/writer.h"
#include "twin/model/entity.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

/// The attribute that a patch makes where there was none; an update operator works on nothing.
Checked<Attribute> new_attribute(const AttributePatch& patch, Timestamp now);

/// The same in an entity that is being made, or replaced as a whole, where operators start from
/// their references (update_operators.h); none: the patch makes no attribute.
Checked<std::optional<Attribute>> attribute_of_new_entity(const AttributePatch& patch,
                                                          Timestamp now);

/// `attribute` as the patch makes it. Metadata that the patch does not name stay, unless the mode
/// says otherwise or the patch says `metadata: {}`. A type that is left out becomes that of the
/// value (NGSI v2 specification, "Partial Representations"), but stays for an update operator.
/// 500 where MongoDB, whose operators these are, would refuse.
Checked<Attribute> updated(const Attribute& attribute, const AttributePatch& patch,
                           const UpdateMode& mode, Timestamp now);

}  // namespace sosie::ngsi
