#pragma once

#include <optional>
#include <string_view>

namespace sosie::tabular {

/// What people write where there is no value: nothing, NA, N/A, NaN, null, None, -, ?, #N/A …
bool is_missing(std::string_view text);

/// A number as spreadsheets write it: blanks around it, '+', and `decimal` as its decimal mark.
std::optional<double> to_value(std::string_view text, char decimal);

/// true/false, yes/no, on/off, open/closed, vrai/faux, oui/non, in any case.
std::optional<bool> to_boolean(std::string_view text);

}  // namespace sosie::tabular
