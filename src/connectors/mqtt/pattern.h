#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sosie::mqtt {

/// A level of a topic that has a name, and what stood there: ("zone", "centre").
using Named = std::vector<std::pair<std::string_view, std::string_view>>;

/// What topics look like: "toulouse/{zone}/{entity}/{attribute}". A level is a text that must stand
/// there, {name} for whatever does, `+` for whatever does and is not needed, and `#` at the end for
/// any number of levels (MQTT 3.1.1, 4.7.1). A level may have text around its name: "dev-{entity}".
class TopicPattern {
 public:
  static Result<TopicPattern> create(std::string_view text);

  /// The names' texts; none if `topic` does not fit. Views into the pattern and `topic`.
  std::optional<Named> match(std::string_view topic) const;

  /// The MQTT filter that brings every topic that fits: "toulouse/+/+/+".
  std::string filter() const;
  bool has(std::string_view name) const;
  const std::string& text() const { return text_; }

 private:
  struct Level {
    enum class Kind { text, any, rest } kind;
    std::string prefix;  ///< of kind text: all of it
    std::string name;    ///< "": any, without a name
    std::string suffix;
  };
  static Result<Level> read_level(std::string_view text);

  std::string text_;
  std::vector<Level> levels_;
};

/// A text with names to be filled in: "{zone}-{entity}".
class Template {
 public:
  /// Errors: a brace without its partner, or a name that `pattern` does not have.
  static Result<Template> create(std::string_view text, const TopicPattern& pattern);
  std::string fill(const Named& named) const;
  /// As it was given.
  const std::string& text() const { return text_; }

 private:
  struct Part {
    std::string text;
    bool is_name;
  };
  std::string text_;
  std::vector<Part> parts_;
};

}  // namespace sosie::mqtt
