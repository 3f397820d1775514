#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "core/catalog.h"
#include "core/endpoint.h"
#include "core/section.h"
#include "web/router.h"

namespace sosie::web {

/// `[[endpoint]]` of a scenario; none: every kind the catalog has, with its defaults.
Result<std::vector<std::unique_ptr<Endpoint>>> read_endpoints(Section& scenario,
                                                              const Catalog& catalog);

/// Their paths, and what writers to InfluxDB ask before they write: GET /ping, and
/// CREATE DATABASE at /query. All must outlive the router.
void add_endpoint_routes(Router& router, const std::vector<std::unique_ptr<Endpoint>>& endpoints,
                         Intake& intake);

}  // namespace sosie::web
