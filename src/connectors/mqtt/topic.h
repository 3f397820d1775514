#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sosie::mqtt {

/// What a topic may be made of.
enum class TopicName : std::uint8_t { entity, attribute, name, asset, what, priority, kind, rule };
inline constexpr std::size_t topic_names = 8;

/// Their texts, of one message; empty: it has none.
struct TopicTexts {
  std::array<std::string_view, topic_names> texts{};
  std::string_view& operator[](TopicName name) { return texts.at(static_cast<std::size_t>(name)); }
  std::string_view operator[](TopicName name) const {
    return texts.at(static_cast<std::size_t>(name));
  }
};

/// A topic to publish to, with names to be filled in: "fleet/${entity}/alarm".
///
/// A name stays within its level and means nothing to a broker: of its text `/`, `+`, `#` and
/// control characters become `_`, and so does a `$` where the topic begins. One without a text
/// is `-`. So two names may come to one topic; the payload tells them apart.
class TopicTemplate {
 public:
  /// Errors: `+` or `#` in it, `$` at its begin (a broker's own), a name that is not among `known`
  /// (with the nearest).
  static Result<TopicTemplate> create(std::string_view text, std::span<const TopicName> known);

  /// Empty: nothing is published.
  bool is_empty() const { return parts_.empty(); }
  bool uses(TopicName name) const;
  std::string fill(const TopicTexts& texts) const;

 private:
  using Part = std::variant<std::string, TopicName>;
  std::vector<Part> parts_;
};

}  // namespace sosie::mqtt
