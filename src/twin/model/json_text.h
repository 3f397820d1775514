#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "twin/model/error.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

// All of these append to `out`.

void render_value(const Value& value, std::string& out);
std::string to_json(const Value& value);

/// A number as Orion writes it: whole ones exact, others with up to 9 decimals, from 2^63 on with
/// 17 digits.
void render_number(double number, std::string& out);

void render_integer(std::int64_t number, std::string& out);

/// "…" with what JSON must not hold raw escaped.
void render_text(std::string_view text, std::string& out);

/// {"error": …, "description": …}, `< > " ' ( ) = ;` of the description as HTML entities.
std::string render_error(const NgsiError& error);

/// `< > " ' ( ) = ;` become &lt; &gt; &quot; &#39; &#40; &#41; &#61; &#59;.
std::string html_escaped(std::string_view text);

}  // namespace sosie::ngsi
