#pragma once

#include <string>

#include "twin/broker/call.h"
#include "twin/broker/entity_query.h"
#include "twin/model/render.h"

namespace sosie::ngsi {

/// How the URL asks entities to be shown: `options`, `attrs` and `metadata`.
View read_view(const Call& call);

/// A list of entities as the answer to a query, with Fiware-Total-Count if it was asked for.
Answer list_answer(const Call& call, const EntityList& list, const View& view);

}  // namespace sosie::ngsi
