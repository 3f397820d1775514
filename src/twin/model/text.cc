#include "twin/model/text.h"

#include <array>
#include <cstring>
#include <new>

namespace sosie::ngsi {

namespace {

constexpr std::size_t remembered = 1024;

char* characters(void* cell, std::size_t header) {
  return static_cast<char*>(cell) + header;
}

}  // namespace

// The cell and its characters are one block of memory, which no container of the standard library
// can make; hence the allocation by hand, here and in `release` alone.
Text::Text(std::string_view text) {
  if (text.empty()) return;
  void* const memory = ::operator new(sizeof(Cell) + text.size());
  cell_ = ::new (memory) Cell{.uses = 1, .size = static_cast<std::uint32_t>(text.size())};
  std::memcpy(characters(memory, sizeof(Cell)), text.data(), text.size());
}

void Text::release() noexcept {
  if (cell_ == nullptr || cell_->uses.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  cell_->~Cell();
  ::operator delete(cell_);
}

std::string_view Text::view() const {
  if (cell_ == nullptr) return {};
  return {characters(cell_, sizeof(Cell)), cell_->size};
}

Text intern(std::string_view text) {
  thread_local std::array<Text, remembered> lately;
  Text& place = lately[std::hash<std::string_view>{}(text) % remembered];
  if (place != text) place = Text(text);
  return place;
}

}  // namespace sosie::ngsi
