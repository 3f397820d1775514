#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "core/finding.h"

namespace sosie::cases {

/// What a person says of a finding: it was right, or wrong.
struct Answer {
  std::uint64_t finding = 0;
  Timestamp at;
  std::string who;
  bool is_right = true;
  std::optional<Kind> kind{};  ///< what it really was, where they know
  std::string comment;
  bool operator==(const Answer&) const = default;
};

/// As it is kept.
std::string to_json(const Answer& answer);
/// Errors (corrupt): what was read, and what was expected.
Result<Answer> answer_from_json(std::string_view text);

}  // namespace sosie::cases
