#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sosie::ngsi {

/// An NGSI DateTime: `YYYY-MM-DD[Thh[[:]mm[[:]ss[.s…]]][Z|±hh[[:]mm]]]`.
/// Without a zone it is UTC. None if it is anything else, or no such day or hour exists.
std::optional<Timestamp> parse_date(std::string_view text);

/// "2026-11-20T13:14:15.250Z": always with milliseconds, always UTC.
std::string print_date(Timestamp at);
void print_date(Timestamp at, std::string& out);

/// Whether an attribute or metadata of this type holds a date: "DateTime" or "ISO8601".
bool is_date_type(std::string_view type);

}  // namespace sosie::ngsi
