#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/http/client.h"

namespace sosie::context {

/// Where an NGSI v2 context broker is, and as whom one speaks to it.
struct Address {
  std::string base;          ///< "http://host:1026", no '/' at its end
  std::string tenant;        ///< Fiware-Service; empty: the default one
  std::string service_path;  ///< Fiware-ServicePath; empty: the broker's default
  std::string type;          ///< of the entities; empty: any, or the writer's default
  std::string token;         ///< a secret: never part of an address's text
  http::Trust trust{};

  /// The headers that go with every request.
  http::Headers headers() const;
};

/// "ngsi+http://host:1026/service/path?tenant=T&type=Room"; also ngsi+https. Path and query may be
/// missing. Errors (invalid): another scheme, no host, an unknown or empty parameter.
Result<Address> read_address(std::string_view text);

/// The same broker at another port, where `address` is this machine's port `from`; false: it is
/// not.
bool move_port(Address& address, int from, int to);

/// What a broker answered, in words: "the broker answered 422 Unprocessable: …", at most one line.
std::string said(const http::Response& response);

}  // namespace sosie::context
