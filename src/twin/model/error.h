#pragma once

#include <cassert>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace sosie::ngsi {

/// What a client is answered when it cannot be served: the HTTP status and the two members of the
/// JSON body. `description` is plain here; rendering escapes it.
struct [[nodiscard]] NgsiError {
  int status = 400;
  std::string error = "BadRequest";
  std::string description;

  bool operator==(const NgsiError&) const = default;
};

inline NgsiError bad_request(std::string description) {
  return {.status = 400, .error = "BadRequest", .description = std::move(description)};
}

/// What is said of a body that is no JSON, or not the JSON object that it has to be.
inline NgsiError unreadable_body() {
  return {
      .status = 400, .error = "ParseError", .description = "Errors found in incoming JSON buffer"};
}

/// What is said of a value that is nested too deep.
inline NgsiError too_deep() {
  return {.status = 400,
          .error = "ParseError",
          .description = "attribute or metadata value has overpassed maximum nesting limit: 50"};
}

/// A value, or the NgsiError that stands in its place: base/result.h's Result with an error of the
/// protocol. TRY unwraps it in a function that returns a Checked.
// NOLINTBEGIN(google-explicit-constructor, bugprone-unchecked-optional-access)
template <class T>
class [[nodiscard]] Checked {
 public:
  template <std::convertible_to<T> U = T>
  Checked(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Checked(NgsiError error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }

  /// REQUIRES: *this holds a value.
  T& operator*() & { return get(); }
  const T& operator*() const& { return const_cast<Checked*>(this)->get(); }
  T* operator->() { return &get(); }
  const T* operator->() const { return &const_cast<Checked*>(this)->get(); }
  T value() && { return std::move(get()); }

  /// REQUIRES: *this holds an error.
  const NgsiError& error() const& { return *std::get_if<1>(&state_); }
  NgsiError error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  T& get() {
    assert(*this);
    return *std::get_if<0>(&state_);
  }
  std::variant<T, NgsiError> state_;
};

template <>
class [[nodiscard]] Checked<void> {
 public:
  Checked() = default;
  Checked(NgsiError error) : error_(std::move(error)) {}

  explicit operator bool() const { return !error_; }
  void value() && {}
  const NgsiError& error() const& { return *error_; }
  NgsiError error() && { return std::move(*error_); }

 private:
  std::optional<NgsiError> error_;
};
// NOLINTEND(google-explicit-constructor, bugprone-unchecked-optional-access)

}  // namespace sosie::ngsi
