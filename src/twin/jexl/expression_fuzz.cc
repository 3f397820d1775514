#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "twin/jexl/expression.h"
#include "twin/model/json_text.h"
#include "twin/model/parse.h"

/// Any text is an expression or none; an expression has a value that can be written as JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sosie::ngsi;  // NOLINT(google-build-using-namespace): a C function
  static const Value context = Object{
      {"a", 7}, {"t", "a text"}, {"l", Array{1, 2, Object{{"x", 3}}}}, {"o", Object{{"x", true}}}};
  const auto expression = Expression::parse({reinterpret_cast<const char*>(data), size});
  if (!expression) return 0;
  to_json(expression->evaluate(context, {}));
  return 0;
}
