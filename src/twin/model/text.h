#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace sosie::ngsi {

/// A text that never changes, shared by its copies: 8 bytes here, 8 and the characters elsewhere,
/// none at all for "". A million entities hold a few million names and short texts, for which
/// std::string's 32 bytes would be most of their memory.
///
/// Threads: as a value; copies in different threads may share the characters.
class Text {
 public:
  Text() = default;
  Text(std::string_view text);   // NOLINT(google-explicit-constructor): it is a string
  Text(const std::string& text)  // NOLINT(google-explicit-constructor)
      : Text(std::string_view(text)) {}
  Text(const char* text) : Text(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  Text(const Text& other) noexcept : cell_(other.cell_) { keep(); }
  Text(Text&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
  Text& operator=(Text other) noexcept {
    std::swap(cell_, other.cell_);
    return *this;
  }
  ~Text() { release(); }

  std::string_view view() const;
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  bool empty() const { return cell_ == nullptr; }
  std::size_t size() const { return view().size(); }

  bool operator==(const Text& other) const {
    return cell_ == other.cell_ || view() == other.view();
  }
  bool operator==(const std::string& other) const { return view() == other; }
  bool operator==(std::string_view other) const { return view() == other; }
  bool operator==(const char* other) const { return view() == other; }
  std::strong_ordering operator<=>(const Text& other) const { return view() <=> other.view(); }

  friend std::ostream& operator<<(std::ostream& out, const Text& text) {
    return out << text.view();
  }

 private:
  /// Followed in memory by its characters.
  struct Cell {
    std::atomic<std::uint32_t> uses = 1;
    std::uint32_t size = 0;
  };
  void keep() const noexcept {
    if (cell_ != nullptr) cell_->uses.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept;

  Cell* cell_ = nullptr;
};

/// `text`, sharing the characters of an equal one that this thread has asked for lately. For names
/// and types, which come again and again: a thousand are remembered a thread, and no more, so that
/// a client with ever new names fills no table.
Text intern(std::string_view text);

}  // namespace sosie::ngsi

template <>
struct std::hash<sosie::ngsi::Text> {
  std::size_t operator()(const sosie::ngsi::Text& text) const noexcept {
    return std::hash<std::string_view>{}(text.view());
  }
};
