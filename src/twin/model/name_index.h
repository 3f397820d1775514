#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace sosie::ngsi {

/// What a thing is called: its `name` or `key`, or the text that it is.
template <class Thing>
std::string_view name_of(const Thing& thing) {
  if constexpr (requires { thing.name; }) {
    return thing.name.view();
  } else if constexpr (requires { thing.key; }) {
    return thing.key.view();
  } else {
    return thing.view();
  }
}

/// Finds the things of a list by name, the first one of each. Few things, and few questions, are
/// answered by looking through the list, which is faster than any table; beyond that a table is
/// made, so that a request of many names costs a step for each and not for each pair.
///
/// The list may grow at its end and its things may change, as long as the texts of their names
/// stay; nothing may leave it.
///
/// Threads: one.
template <class Things>
class NameIndex {
 public:
  explicit NameIndex(Things& things) : things_(things) {}

  /// Null if there is none.
  auto find(std::string_view name) -> decltype(std::data(std::declval<Things&>())) {
    const std::size_t at = place(name);
    return at == std::size(things_) ? nullptr : std::data(things_) + at;
  }
  bool has(std::string_view name) { return place(name) != std::size(things_); }

 private:
  using Table = std::unordered_map<std::string_view, std::size_t>;
  static constexpr std::size_t few = 32;

  std::size_t place(std::string_view name) {
    const std::size_t size = std::size(things_);
    if (size <= few || asked_ < few) {
      ++asked_;
      std::size_t at = 0;
      while (at < size && name_of(things_[at]) != name) ++at;
      return at;
    }
    if (table_ == nullptr) table_ = std::make_unique<Table>();
    for (; known_ < size; ++known_) table_->try_emplace(name_of(things_[known_]), known_);
    const auto found = table_->find(name);
    return found == table_->end() ? size : found->second;
  }

  Things& things_;
  std::size_t asked_ = 0;
  std::size_t known_ = 0;         ///< so many of the things are in the table
  std::unique_ptr<Table> table_;  ///< most lists never need one
};

}  // namespace sosie::ngsi
