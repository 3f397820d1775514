#include "connectors/mqtt/topic.h"

#include <doctest/doctest.h>

namespace sosie::mqtt {
namespace {

constexpr std::array some_names{TopicName::entity, TopicName::attribute, TopicName::asset};

/// Made and filled; or what is said against it.
std::string filled(std::string_view text, const TopicTexts& texts) {
  const auto made = TopicTemplate::create(text, some_names);
  return made ? made->fill(texts) : "! " + made.error().what;
}

TEST_CASE("mqtt topics: names are filled in, and mean nothing to the broker") {
  TopicTexts texts;
  texts[TopicName::entity] = "truck-1";
  texts[TopicName::attribute] = "temperature";
  TopicTexts odd;
  odd[TopicName::entity] = "$a/b+c#\n\x7f $";
  odd[TopicName::attribute] =
      "d\xC3\xA9"
      "bit";
  struct Filling {
    const char* text;
    const TopicTexts& texts;
    const char* expected;
  };
  const Filling cases[] = {
      {"fleet/${entity}/alarm", texts, "fleet/truck-1/alarm"},
      {"${entity}${attribute}", texts, "truck-1temperature"},
      {"${entity}/${asset}", texts, "truck-1/-"},
      {"plain", texts, "plain"},
      {"a$b", texts, "a$b"},
      {"${entity}/${attribute}", odd,
       "_a_b_c___ $/d\xC3\xA9"
       "bit"},
      {"x/${entity}", odd, "x/$a_b_c___ $"},
      {"a/+", texts, "! has a + or #, which are for listening"},
      {"#", texts, "! has a + or #, which are for listening"},
      {"$SYS/x", texts, "! begins with a $: such topics are the broker's own"},
      {"a/${entiti}", texts, "! uses ${entiti}; did you mean ${entity}?"},
      {"a/${zzzzzzzz}", texts, "! uses ${zzzzzzzz}; known here: entity, attribute, asset"},
      {"a/${rule}", texts, "! uses ${rule}; known here: entity, attribute, asset"},
      {"a/${entity", texts, "! uses ${entity}; did you mean ${entity}?"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.text));
    CHECK(filled(c.text, c.texts) == c.expected);
  }
  CHECK(TopicTemplate::create("", some_names)->is_empty());
  CHECK_FALSE(TopicTemplate::create("x", some_names)->is_empty());
}

}  // namespace
}  // namespace sosie::mqtt
