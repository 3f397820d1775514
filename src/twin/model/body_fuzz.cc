#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "twin/model/json_text.h"
#include "twin/model/parse.h"
#include "twin/model/render.h"

/// Any body gives an answer: an error, or an entity that is rendered as JSON which reads back. The
/// first byte chooses the form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sosie::ngsi;  // NOLINT(google-build-using-namespace): a C function
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Form form = data[0] % 2 == 0 ? Form::normalized : Form::key_values;

  if (const auto plain = read_plain(body)) to_json(*plain);
  const auto parsed = parse_json(body);
  if (!parsed) {
    if (!parse_json(render_error(parsed.error()))) std::abort();
    return 0;
  }
  if (parsed->depth() > max_body_nesting) std::abort();
  if (!parse_json(to_json(*parsed))) std::abort();
  const auto patch = read_entity(*parsed, form);
  if (!patch) return 0;
  Entity entity{.id = patch->id, .type = patch->type};
  for (const auto& attribute : patch->attributes) {
    entity.attributes.push_back(to_attribute(attribute, {}));
  }
  std::string written;
  render_entity(entity, {.metadata = {.names = {"*", "dateCreated"}}}, written);
  const auto again = parse_json(written);
  if (!again && parsed->depth() < max_nesting - 3) std::abort();
  return 0;
}
