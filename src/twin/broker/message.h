#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sosie::ngsi {

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};
using Headers = std::vector<Header>;

/// Names of headers, in whatever case they are written.
bool is_same_name(std::string_view a, std::string_view b);

/// The first of that name, case as you like; empty if there is none.
std::string_view find_header(const Headers& headers, std::string_view name);
bool has_header(const Headers& headers, std::string_view name);

/// One HTTP request as the client sent it: all rules about lengths, types and verbs are the
/// broker's, so whoever carries it neither decodes nor corrects anything but chunks.
struct Request {
  std::string method;  ///< as sent, "HEAD" included
  std::string path;    ///< still percent-encoded, without the query
  std::string query;   ///< what follows '?', still encoded
  Headers headers;     ///< all of them: Content-Length and Accept matter here
  std::string body;
  /// The length that the sender announced, where the body was too long to be read at all (the
  /// carrier may stop after Options::payload_limit bytes); otherwise 0.
  std::uint64_t announced_bytes = 0;
};

/// The place of a change in the journal: what has a lower ticket is committed no later.
using Ticket = std::uint64_t;

/// What goes back, whole. The carrier adds Content-Length and Date, nothing else.
struct Answer {
  int status = 200;
  Headers headers{};  ///< Content-Type among them where there is a body
  std::string body{};
  /// Not 0: the answer may go out only when the Keeper has committed this ticket. If it cannot be
  /// committed, the carrier sends Broker::not_kept() instead.
  Ticket ticket = 0;
};

}  // namespace sosie::ngsi
