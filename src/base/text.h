#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sosie {

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

/// The whole of `text` as a number, with '.' as the decimal mark; none if anything else is there.
/// "inf" and "nan" are none: no source may bring them in.
std::optional<double> to_number(std::string_view text);
std::optional<std::int64_t> to_integer(std::string_view text);

/// "5s", "250ms", "1m", "24h", "7d", "1w" or a bare number of seconds, in microseconds.
std::optional<std::int64_t> to_duration_us(std::string_view text);

/// Of `names`, the one nearest to `typed` (Levenshtein's distance), if it is near enough for a
/// "did you mean".
std::optional<std::string_view> nearest(std::string_view typed,
                                        std::span<const std::string_view> names);

/// Whether `text` is as `pattern` says: '*' stands for any text, '?' for one byte.
bool matches_wildcards(std::string_view pattern, std::string_view text);

/// Lower case, ASCII letters and digits, anything else '_', accents dropped: "Débit d'air" becomes
/// "debit_d_air". For names of metrics, attributes and addresses.
std::string slug(std::string_view text);

/// `text` with what JSON must not hold raw escaped; no quotes around. Bytes that are not UTF-8
/// become U+FFFD.
std::string json_escaped(std::string_view text);

}  // namespace sosie
