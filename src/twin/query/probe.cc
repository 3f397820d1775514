#include "twin/query/probe.h"

#include <functional>
#include <string_view>

namespace sosie::ngsi {

Digest digest_of(const Value& value) {
  constexpr Digest low_48 = (Digest{1} << 48U) - 1;
  if (const double* number = value.number()) return std::bit_cast<Digest>(*number);
  if (const Text* text = value.text()) {
    return digest_text | (std::hash<std::string_view>{}(text->view()) & low_48);
  }
  return digest_other;
}

Digest digest_of(const Attribute* attribute) {
  return attribute == nullptr ? digest_absent : digest_of(attribute->value);
}

}  // namespace sosie::ngsi
