#include "twin/broker/message.h"

#include <algorithm>

namespace sosie::ngsi {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

const Header* first(const Headers& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (is_same_name(header.name, name)) return &header;
  }
  return nullptr;
}

}  // namespace

bool is_same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view find_header(const Headers& headers, std::string_view name) {
  const Header* header = first(headers, name);
  return header == nullptr ? std::string_view() : std::string_view(header->value);
}

bool has_header(const Headers& headers, std::string_view name) {
  return first(headers, name) != nullptr;
}

}  // namespace sosie::ngsi
