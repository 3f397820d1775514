#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sosie::ngsi {

/// "%C3%A9" is "é"; what is no escape stays as it is.
std::string percent_decoded(std::string_view text);

/// The same where '+' is a blank (queries, forms).
std::string form_decoded(std::string_view text);

/// For a part of a URL: letters, digits and `-._~` stay, the rest becomes %XX.
std::string percent_encoded(std::string_view text);

/// What stands between the slashes of a path, decoded. One slash at the end is allowed; an empty
/// segment anywhere else is none of our paths.
std::optional<std::vector<std::string>> split_path(std::string_view path);

struct Parameter {
  std::string name;
  std::string value;
  bool operator==(const Parameter&) const = default;
};

/// "a=1&b" in its parts, decoded, in order.
std::vector<Parameter> split_query(std::string_view query);

}  // namespace sosie::ngsi
