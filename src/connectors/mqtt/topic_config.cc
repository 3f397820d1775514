#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "connectors/mqtt/topic_interpreter.h"
#include "core/time_format.h"
#include "messages/signed.h"

namespace sosie::mqtt {
namespace {

constexpr std::array<std::string_view, 2> formats{"json", "senml"};

Result<PayloadMap> read_payload(Section& section) {
  PayloadMap map;
  map.values[0].path = TRY(section.text("value", "value"));
  map.time = TRY(section.text("time", "time"));
  map.quality = TRY(section.text("quality", "quality"));
  map.time_reader = TRY(read_time_format(section));
  const auto format = TRY(section.choice("format", "json", formats));
  if (format == "senml") map.format = PayloadMap::Format::senml;
  const auto words = TRY(section.text_map("words"));
  for (const auto& [word, text] : words) {
    const auto number = to_number(text);
    if (!number) return section.wrong("words", fmt::format("'{}' is no number", text));
    map.words.emplace(word, *number);
  }
  const bool one_value = section.has("value");
  const auto several = TRY(section.text_map("values"));
  if (several.empty() && map.format == PayloadMap::Format::senml) {
    return section.wrong("values", "is missing; expected the names of SenML's records");
  }
  if (!several.empty() && one_value) {
    return section.wrong("values", "stands beside 'value'; expected one of the two");
  }
  if (!several.empty()) map.values.clear();
  for (const auto& [path, attribute] : several) map.values.push_back({path, attribute});
  std::vector<std::string> names;
  names.reserve(map.values.size());
  for (const auto& value : map.values) {
    names.push_back(value.attribute.empty() ? value.path : value.attribute);
  }
  map.units = TRY(messages::Units::read(section, names));
  return map;
}

/// Takes the names from the topic, as the templates say.
Result<Template> read_template(Section& section, std::string_view key, std::string_view otherwise,
                               const TopicPattern& pattern) {
  const auto text = TRY(section.text(key, otherwise));
  auto made = Template::create(text, pattern);
  if (!made) return section.wrong(key, made.error().what);
  return std::move(made).value();
}

/// The attribute's template where none is given.
std::string_view default_attribute(const TopicPattern& pattern, const PayloadMap& payload) {
  if (pattern.has("attribute")) return "{attribute}";
  return payload.values[0].attribute.empty() ? "value" : "";
}

Result<TopicPattern> read_pattern(Section& section) {
  const auto text = TRY(section.text("pattern"));
  auto pattern = TopicPattern::create(text);
  if (!pattern) return section.wrong("pattern", pattern.error().what);
  return std::move(pattern).value();
}

Result<TopicMap> read_map(Section& section) {
  auto pattern = TRY(read_pattern(section));
  auto payload = TRY(read_payload(section));
  auto entity = TRY(read_template(section, "entity", "{entity}", pattern));
  auto attribute =
      TRY(read_template(section, "attribute", default_attribute(pattern, payload), pattern));
  std::optional<Template> location;
  if (section.has("location")) location = TRY(read_template(section, "location", "", pattern));
  return TopicMap{std::move(pattern), std::move(entity), std::move(attribute), std::move(payload),
                  std::move(location)};
}

/// One in the source's own table, or several in [[source.map]].
Result<std::vector<TopicMap>> read_maps(Section& section) {
  std::vector<TopicMap> maps;
  auto tables = TRY(section.tables("map"));
  if (!tables.empty() && section.has("pattern")) {
    return section.wrong("pattern", "stands beside 'map'; expected one of the two");
  }
  if (tables.empty()) {
    auto map = TRY(read_map(section));
    maps.push_back(std::move(map));
  }
  for (auto& table : tables) {
    auto map = TRY(read_map(table));
    maps.push_back(std::move(map));
    TRY(table.finish());
  }
  return maps;
}

Result<std::optional<StatusMap>> read_status(Section& section) {
  if (!section.has("status")) return std::optional<StatusMap>();
  auto table = TRY(section.table("status"));
  auto pattern = TRY(read_pattern(table));
  StatusMap map{.pattern = std::move(pattern)};
  map.online = TRY(table.text("online", map.online));
  map.offline = TRY(table.text("offline", map.offline));
  TRY(table.finish());
  return std::optional(std::move(map));
}

/// Reads what was signed for its topic, and refuses the rest: values, and who is there.
class SignedInterpreter final : public Interpreter {
 public:
  SignedInterpreter(messages::Signed opener, std::unique_ptr<Interpreter> inner)
      : opener_(std::move(opener)), inner_(std::move(inner)) {}

  Result<void> read(const Message& message, Intake& intake, std::vector<Reading>& out) override {
    Message opened = message;
    opened.payload = TRY(opener_.open(message.payload, "topic", message.topic));
    return inner_->read(opened, intake, out);
  }

 private:
  messages::Signed opener_;
  std::unique_ptr<Interpreter> inner_;
};

/// Topics that bring all that fits.
std::vector<std::string> topics_of(const std::vector<TopicMap>& maps) {
  std::vector<std::string> topics;
  for (const auto& map : maps) {
    const auto filter = map.pattern.filter();
    if (std::ranges::find(topics, filter) == topics.end()) topics.push_back(filter);
  }
  return topics;
}

}  // namespace

Result<Interpretation> read_topic_maps(Section& section) {
  auto maps = TRY(read_maps(section));
  auto status = TRY(read_status(section));
  auto topics = TRY(section.texts("topics"));
  if (topics.empty()) topics = topics_of(maps);
  if (status) topics.push_back(status->pattern.filter());
  auto opener = TRY(messages::read_signed(section));
  std::unique_ptr<Interpreter> interpreter =
      std::make_unique<TopicInterpreter>(std::move(maps), std::move(status));
  if (opener) {
    interpreter = std::make_unique<SignedInterpreter>(std::move(*opener), std::move(interpreter));
  }
  return Interpretation{std::move(interpreter), std::move(topics)};
}

}  // namespace sosie::mqtt
