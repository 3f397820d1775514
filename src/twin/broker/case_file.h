#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "twin/broker/message.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// One exchange of a case in tests/ngsi (its README.md says how they are written).
struct CaseStep {
  int line = 0;            ///< where it begins, for messages
  std::string first{};     ///< "POST /v2/entities", "NOTIFICATION", "ADVANCE 5"
  Headers headers{};       ///< of the request
  std::string body{};      ///< of the request
  std::string expected{};  ///< "201"; of a notification its method and URL
  Headers expected_headers{};
  std::optional<std::string> expected_body{};
};

struct Case {
  std::vector<std::string> options{};  ///< "multiservice" …
  std::vector<CaseStep> steps{};
};

Result<Case> read_case(std::string_view text);

/// What placeholders have caught so far: "<sub:id>" catches, "<sub>" stands for it from then on.
using Caught = std::map<std::string, std::string, std::less<>>;

/// `text` with what was caught put in.
std::string filled(std::string_view text, const Caught& caught);

/// Whether `actual` is what `expected` says; both JSON or both plain. Order in objects does not
/// count. An empty text: they agree; else where they do not.
std::string difference(std::string_view expected, std::string_view actual, Caught& caught);

/// The same for one line of text.
bool agree(std::string_view expected, std::string_view actual, Caught& caught);

}  // namespace sosie::ngsi
