#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twin/broker/request_options.h"
#include "twin/broker/uri.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

/// Which part of a list is asked for.
struct Page {
  std::size_t limit = 20;
  std::size_t offset = 0;
};

/// What stands behind the '?' of a request, checked.
class Parameters {
 public:
  /// 400 for an empty value, forbidden characters, a limit or an offset that is none, unknown
  /// options. Names that nobody knows are let pass, as Orion does. Of two the last counts.
  static Checked<Parameters> parse(std::string_view query);

  std::optional<std::string_view> find(std::string_view name) const;

  /// The value split at its commas; empty if it is not there.
  std::vector<std::string> list(std::string_view name) const;

  const RequestOptions& options() const { return options_; }
  bool has(Option option) const { return options_.has(option); }
  Page page() const { return page_; }

 private:
  std::vector<Parameter> parameters_;
  RequestOptions options_;
  Page page_;
};

}  // namespace sosie::ngsi
