#pragma once

#include <atomic>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace sosie {

/// A text that never changes, shared by its copies, and read as a std::string: 8 bytes here, 40 and
/// more in one place for all copies, none at all for "". Hundreds of thousands of series have the
/// same unit, and each device's series its name.
///
/// Threads: as a value; copies in different threads may share the text.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string_view text);  // NOLINT(google-explicit-constructor): it is a string
  SharedText(const char* text)        // NOLINT(google-explicit-constructor)
      : SharedText(std::string_view(text)) {}
  /// Not by itself: `flag ? std::string() : shared` shall be a std::string.
  explicit SharedText(const std::string& text) : SharedText(std::string_view(text)) {}
  SharedText(const SharedText& other) noexcept : cell_(other.cell_) { keep(); }
  SharedText(SharedText&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
  ~SharedText() { release(); }
  SharedText& operator=(const SharedText& other) noexcept {
    SharedText(other).swap(*this);
    return *this;
  }
  SharedText& operator=(SharedText&& other) noexcept {
    SharedText(std::move(other)).swap(*this);
    return *this;
  }
  template <std::convertible_to<std::string_view> Other>
  SharedText& operator=(const Other& other) {
    return *this = SharedText(std::string_view(other));
  }

  const std::string& str() const;
  operator const std::string&() const { return str(); }  // NOLINT(google-explicit-constructor)
  operator std::string_view() const { return str(); }    // NOLINT(google-explicit-constructor)
  bool empty() const { return cell_ == nullptr; }
  std::size_t size() const { return str().size(); }
  std::size_t find(char letter) const { return str().find(letter); }
  std::size_t rfind(char letter) const { return str().rfind(letter); }
  std::string substr(std::size_t from, std::size_t size = std::string::npos) const {
    return str().substr(from, size);
  }

  bool operator==(const SharedText& other) const {
    return cell_ == other.cell_ || str() == other.str();
  }
  template <std::convertible_to<std::string_view> Other>
  bool operator==(const Other& other) const {
    return str() == std::string_view(other);
  }
  std::strong_ordering operator<=>(const SharedText& other) const { return str() <=> other.str(); }

  friend std::string operator+(const SharedText& left, std::string_view right) {
    return std::string(left.str()).append(right);
  }
  friend std::string operator+(std::string_view left, const SharedText& right) {
    return std::string(left).append(right.str());
  }
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) {
    return out << text.str();
  }

 private:
  struct Cell {
    explicit Cell(std::string_view characters) : text(characters) {}
    std::atomic<std::uint32_t> uses = 1;
    const std::string text;
  };
  void keep() const noexcept {
    if (cell_ != nullptr) cell_->uses.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept;
  void swap(SharedText& other) noexcept { std::swap(cell_, other.cell_); }

  Cell* cell_ = nullptr;  ///< owned together with all copies
};

}  // namespace sosie

template <>
struct std::hash<sosie::SharedText> {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

template <>
struct fmt::formatter<sosie::SharedText> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const sosie::SharedText& text, Context& context) const {
    return fmt::formatter<std::string_view>::format(text, context);
  }
};
