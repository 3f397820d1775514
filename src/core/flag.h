#pragma once

#include <string_view>

namespace sosie {

/// The asset of the series that hold a recording's own flags (0 or 1 at each row): nothing watches
/// it, so that no detector learns from what it is compared with.
inline constexpr std::string_view flags_asset = "flags";

}  // namespace sosie
