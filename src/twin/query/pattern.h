#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace re2 {
class RE2;
}

namespace sosie::ngsi {

/// An extended regular expression (POSIX.2, with Perl's \d \w \s \b, which Orion's users write),
/// found anywhere in a text. RE2 matches in time linear in the text, whatever the expression, so a
/// client cannot hang the broker with `(a+)+$`; it has no back-references.
///
/// Threads: any, after creation. Copies share the compiled expression.
class Pattern {
 public:
  /// None if it is no expression, too large compiled (256 KiB) or over 1 KiB long.
  static std::optional<Pattern> create(std::string_view expression);

  bool found_in(std::string_view text) const;
  std::string_view expression() const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const re2::RE2> compiled_;  ///< never null; shared: RE2 cannot be copied
};

}  // namespace sosie::ngsi
