#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "twin/broker/message.h"
#include "twin/broker/parameters.h"
#include "twin/broker/service_path.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

/// One request while it is served: what its line and headers say, checked.
struct Call {
  const Request& request;
  Timestamp now;
  std::string correlator;
  std::string tenant{};          ///< "": the default one
  std::optional<Scope> scope{};  ///< none: no Fiware-ServicePath was sent
  Parameters parameters{};
  std::vector<std::string> captured{};  ///< the parts of the path that the route leaves open

  mutable int forwards = 0;  ///< what providers were asked for it so far

  /// Where a query looks: everywhere, if nothing is said.
  Scope read_scope() const { return scope.value_or(Scope::all()); }

  /// Where an update writes: "/", if nothing is said. 400 for several paths and for "#".
  Checked<std::string> write_path() const;

  /// What all requests and notifications of one chain have in common: without "; cbnotif=…".
  std::string_view correlator_root() const {
    return std::string_view(correlator).substr(0, correlator.find(';'));
  }

  bool has(Option option) const { return parameters.has(option); }

  /// ?type=, or empty.
  std::string_view type() const { return parameters.find("type").value_or(""); }
};

/// 24 hexadecimal digits, as the ids of subscriptions and registrations are.
bool is_object_id(std::string_view text);

/// Content-Type without its parameters, in lower case.
std::string media_type(const Request& request);

/// Whether the client takes `type` ("application/json"): by name, by "application/*" or "*/*", or
/// by saying nothing.
bool accepts(const Request& request, std::string_view type);

/// Whether the client takes both and names text/plain (or "text/*") before application/json.
bool prefers_text(const Request& request);

}  // namespace sosie::ngsi
