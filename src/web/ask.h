#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/series.h"
#include "web/http.h"
#include "wire/json/value.h"

namespace sosie::web {

// What routes read out of a request. Every Error is `invalid` and says what was read and what was
// expected, or `not_found`.

/// `name` in the query, milliseconds or ISO 8601.
Result<Timestamp> ask_time(const Request& request, std::string_view name, Timestamp otherwise);

Result<std::int64_t> ask_integer(const Request& request, std::string_view name,
                                 std::int64_t otherwise, std::int64_t low, std::int64_t high);

/// A captured or given text as a number that names something: "7".
Result<std::uint64_t> read_id(std::string_view text);

/// A series by its number or by its name.
Result<SeriesId> read_series(std::string_view text, const SeriesTable& table);

/// The query's `series`, as "0,7,AIT-306-DO"; none, or "all": every one of the table.
Result<std::vector<SeriesId>> ask_series(const Request& request, const SeriesTable& table);

/// The body as a JSON object.
Result<json::Value> ask_object(const Request& request);

/// A member of it: none, or null, is `otherwise`.
Result<double> member_number(const json::Value& object, std::string_view key, double otherwise);
Result<std::optional<double>> member_number(const json::Value& object, std::string_view key);
Result<std::string> member_text(const json::Value& object, std::string_view key,
                                std::string_view otherwise);

/// The answer that tells of an error: 400, 404, 409 …
Response answer_error(const Error& error);

/// What `make` gives as JSON, or the answer that tells of its error.
template <class Make>
Response answer_json(Make make) {
  Result<std::string> body = make();
  if (!body) return answer_error(body.error());
  return {.body = std::move(*body), .headers = {{"Cache-Control", "no-store"}}};
}

}  // namespace sosie::web
