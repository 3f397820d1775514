#pragma once

#include <cstdint>
#include <string_view>

#include "twin/model/error.h"

namespace sosie::ngsi {

/// What `?options=` may say.
enum class Option : std::uint8_t {
  normalized,
  key_values,
  values,
  unique,
  count,
  append,
  upsert,
  date_created,   ///< old: as attrs=*,dateCreated
  date_modified,  ///< old: as attrs=*,dateModified
  no_attr_detail,
  override_metadata,
  forced_update,
  flow_control,  ///< accepted, changes nothing
  skip_forwarding,
  skip_initial_notification,  ///< accepted, changes nothing: there are none
};

/// The options of one request.
class RequestOptions {
 public:
  /// "keyValues,count". 400 "Invalid value for URI param /options/" for a word that we do not
  /// know, and for two formats at once.
  static Checked<RequestOptions> parse(std::string_view text);

  bool has(Option option) const { return (bits_ >> static_cast<unsigned>(option) & 1U) != 0; }

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace sosie::ngsi
