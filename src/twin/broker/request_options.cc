#include "twin/broker/request_options.h"

#include <array>

#include "base/text.h"

namespace sosie::ngsi {
namespace {

constexpr std::array<std::string_view, 15> option_words{
    "normalized",       "keyValues",    "values",      "unique",         "count",
    "append",           "upsert",       "dateCreated", "dateModified",   "noAttrDetail",
    "overrideMetadata", "forcedUpdate", "flowControl", "skipForwarding", "skipInitialNotification"};

NgsiError invalid() {
  return bad_request("Invalid value for URI param /options/");
}

}  // namespace

Checked<RequestOptions> RequestOptions::parse(std::string_view text) {
  RequestOptions options;
  for (const auto word : split(text, ',')) {
    std::size_t i = 0;
    while (i < option_words.size() && option_words[i] != word) ++i;
    if (i == option_words.size()) return invalid();
    options.bits_ |= 1U << i;
  }
  const int formats = static_cast<int>(options.has(Option::key_values)) +
                      static_cast<int>(options.has(Option::values)) +
                      static_cast<int>(options.has(Option::unique));
  if (formats > 1) return invalid();
  return options;
}

}  // namespace sosie::ngsi
