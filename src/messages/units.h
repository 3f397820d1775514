#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "core/section.h"

namespace sosie::messages {

/// From a unit into another: value * scale + offset.
struct Conversion {
  double scale = 1;
  double offset = 0;
  double operator()(double value) const { return value * scale + offset; }
};

/// The units in which a source's values are kept, and how those that messages say become them.
///
/// A unit is what UDUNITS-2 reads ("°F", "ug/m3", "kWh"), or a code of SenML (RFC 8428, 12.1) or of
/// UN/CEFACT recommendation 20, which FIWARE's unitCode has, as far as plants and cities need them.
/// Two that are written alike are the same, known or not ("NTU").
///
/// Threads: one at a time; several objects may be used by several.
class Units {
 public:
  /// The key `units` ({attribute = "°C"}) of a source whose values have these names, and `unit`,
  /// where in a message its unit stands ("unit"). Errors: Section's; an attribute that is none of
  /// `names`, a unit that nobody knows.
  static Result<std::shared_ptr<Units>> read(Section& section, std::span<const std::string> names);

  /// One a value; empty: taken as it comes. `path`: where a message says its unit.
  Units(std::vector<std::string> wanted, std::string path)
      : wanted_(std::move(wanted)), path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  /// In what value `which` is kept; empty: as it comes.
  const std::string& kept(std::size_t which) const { return wanted_[which]; }

  /// For value `which` of a message that says `unit`; empty: it says none, so it is as wanted.
  /// Errors (invalid): unknown, or of another kind than what is wanted. What was asked for before
  /// costs a look-up.
  Result<Conversion> of(std::size_t which, std::string_view unit);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Known = std::unordered_map<std::string, Conversion, Hash, std::equal_to<>>;

  std::vector<std::string> wanted_;
  std::string path_;
  std::vector<Known> known_;  ///< by place of the value
};

/// Errors (invalid): which of the two nobody knows, or that one cannot become the other.
Result<Conversion> conversion(std::string_view from, std::string_view to);

}  // namespace sosie::messages
