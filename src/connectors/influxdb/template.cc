#include "connectors/influxdb/template.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace sosie::influxdb {
namespace {

using Texts = std::map<std::string, std::string>;

template <SharedText SeriesInfo::* Member>
Value of_series(const Subject& it) {
  return it.series == nullptr ? std::string() : (it.series->*Member).str();
}

/// "urn:ngsi-ld:AirQualityObserved:x" is an AirQualityObserved, "truck-12" a truck.
std::string type_of_entity(std::string_view entity) {
  constexpr std::string_view urn = "urn:ngsi-ld:";
  if (entity.starts_with(urn)) {
    entity.remove_prefix(urn.size());
    return std::string(entity.substr(0, entity.find(':')));
  }
  return std::string(entity.substr(0, entity.find_first_of("-_:/. 0123456789")));
}

constexpr std::array series_macros{
    Macro{"entity", true, of_series<&SeriesInfo::entity>},
    Macro{"attribute", true, of_series<&SeriesInfo::attribute>},
    Macro{"name", true,
          [](const Subject& it) -> Value {
            return it.series == nullptr ? std::string() : it.series->name();
          }},
    Macro{"type", true,
          [](const Subject& it) -> Value {
            return it.series == nullptr ? std::string() : type_of_entity(it.series->entity);
          }},
    Macro{"asset", true,
          [](const Subject& it) -> Value {
            return it.step != nullptr ? it.step->alarm.asset : it.series->asset.str();
          }},
    Macro{"stage", true, of_series<&SeriesInfo::stage>},
    Macro{"location", true, of_series<&SeriesInfo::location>},
    Macro{"unit", true, of_series<&SeriesInfo::unit>},
    Macro{"quantity", true,
          [](const Subject& it) -> Value {
            return it.series == nullptr ? std::string() : it.series->quantity.en.str();
          }},
};

constexpr std::array reading_macros{
    Macro{"value", false, [](const Subject& it) -> Value { return it.reading->reading.value; }},
    Macro{"quality", false,
          [](const Subject& it) -> Value {
            return std::string(to_text(it.reading->reading.quality));
          }},
    Macro{"reason", false,
          [](const Subject& it) -> Value {
            return std::string(to_text(it.reading->reading.reason));
          }},
    Macro{"anomaly", false, [](const Subject& it) -> Value { return it.reading->is_anomalous; }},
};

constexpr std::array alarm_macros{
    Macro{"condition", true, [](const Subject& it) -> Value { return it.step->alarm.condition; }},
    Macro{"priority", true,
          [](const Subject& it) -> Value { return std::string(to_text(it.step->alarm.priority)); }},
    Macro{"what", true,
          [](const Subject& it) -> Value { return std::string(to_text(it.step->what)); }},
    Macro{"alarm", false,
          [](const Subject& it) -> Value { return static_cast<std::int64_t>(it.step->alarm.id); }},
    Macro{"episode", false,
          [](const Subject& it) -> Value {
            return it.step->alarm.episode == 0 ? Value() : episode_text(it.step->alarm.episode);
          }},
    Macro{"active", false, [](const Subject& it) -> Value { return it.step->alarm.is_active(); }},
    Macro{"message", false, [](const Subject& it) -> Value { return it.step->alarm.message.en; }},
    Macro{"message_fr", false,
          [](const Subject& it) -> Value { return it.step->alarm.message.fr; }},
    Macro{"who", false, [](const Subject& it) -> Value { return it.step->who; }},
    Macro{"comment", false, [](const Subject& it) -> Value { return it.step->comment; }},
};

std::vector<const Macro*> macros_for(Holds holds, TextTemplate::Use use) {
  std::vector<const Macro*> macros;
  const auto add = [&](std::span<const Macro> some) {
    for (const auto& macro : some) {
      if (macro.is_steady || use == TextTemplate::Use::value) macros.push_back(&macro);
    }
  };
  add(series_macros);
  if (holds == Holds::readings) {
    add(reading_macros);
  } else {
    add(alarm_macros);
  }
  return macros;
}

std::string_view name_of_macro(const Macro* macro) {
  return macro->name;
}

Error unknown_macro(std::string_view typed, std::span<const Macro* const> known) {
  std::vector<std::string_view> names;
  names.reserve(known.size());
  for (const auto* macro : known) names.push_back(macro->name);
  const auto near = nearest(typed, names);
  return {Errc::invalid, fmt::format("uses ${{{}}}; {}", typed,
                                     near ? fmt::format("did you mean ${{{}}}?", *near)
                                          : fmt::format("known here: {}", fmt::join(names, ", ")))};
}

std::string text_of(const Value& value) {
  struct {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return fmt::to_string(number); }
    std::string operator()(double number) const { return fmt::format("{}", number); }
    std::string operator()(const std::string& words) const { return words; }
  } written;
  return std::visit(written, value);
}

/// `text` outlives the field; none: nothing is said.
std::optional<line::Field> field_of(std::string_view key, const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return line::Field{key, *flag};
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return line::Field{key, *whole};
  if (const auto* number = std::get_if<double>(&value)) return line::Field{key, *number};
  const auto* words = std::get_if<std::string>(&value);
  if (words == nullptr || words->empty()) return std::nullopt;
  return line::Field{key, std::string_view(*words)};
}

/// Why InfluxDB would drop or hide it; empty: it would not.
std::string_view why_no_key(const std::string& key) {
  if (key.empty()) return "is empty";
  if (key == "time") return "is InfluxDB's own: such points are dropped";
  if (key.starts_with('_')) return "begins with '_', which InfluxDB keeps for itself";
  return {};
}

Texts default_tags(Holds holds) {
  Texts tags{{"asset", "${asset}"},
             {"entity", "${entity}"},
             {"location", "${location}"},
             {"stage", "${stage}"}};
  if (holds == Holds::readings) {
    tags["unit"] = "${unit}";
  } else {
    for (const auto* name : {"attribute", "condition", "priority", "what"}) {
      tags[name] = fmt::format("${{{}}}", name);
    }
  }
  return tags;
}

Texts default_fields(Holds holds) {
  if (holds == Holds::readings) return {{"${attribute}", "${value}"}};
  Texts fields;
  for (const auto* name : {"alarm", "active", "message", "message_fr", "who", "comment"}) {
    fields[name] = fmt::format("${{{}}}", name);
  }
  return fields;
}

}  // namespace

Result<TextTemplate> TextTemplate::create(std::string_view text, Holds holds, Use use) {
  TextTemplate made;
  const auto known = macros_for(holds, use);
  std::string plain;
  while (!text.empty()) {
    const auto open = std::min(text.find("${"), text.size());
    if (open > 0 && open < text.size() && text[open - 1] == '$') {
      plain.append(text.substr(0, open - 1)).append("${");
      text.remove_prefix(open + 2);
      continue;
    }
    plain.append(text.substr(0, open));
    text.remove_prefix(open);
    if (text.empty()) break;
    const auto close = text.find('}');
    const auto typed = text.substr(2, close == text.npos ? close : close - 2);
    const auto found = std::ranges::find(known, typed, name_of_macro);
    if (close == text.npos || found == known.end()) return unknown_macro(typed, known);
    if (!plain.empty()) made.parts_.emplace_back(std::exchange(plain, {}));
    made.parts_.emplace_back(*found);
    text.remove_prefix(close + 1);
  }
  if (!plain.empty()) made.parts_.emplace_back(std::move(plain));
  return made;
}

std::string TextTemplate::fill(const Subject& subject) const {
  std::string text;
  for (const auto& part : parts_) {
    if (const auto* plain = std::get_if<std::string>(&part)) {
      text += *plain;
    } else {
      text += text_of(std::get<const Macro*>(part)->of(subject));
    }
  }
  return text;
}

Value TextTemplate::value(const Subject& subject) const {
  const auto* only = parts_.size() == 1 ? std::get_if<const Macro*>(parts_.data()) : nullptr;
  if (only != nullptr) return (*only)->of(subject);
  return fill(subject);
}

bool TextTemplate::has(std::string_view name) const {
  return std::ranges::any_of(parts_, [&](const Part& part) {
    const auto* const* macro = std::get_if<const Macro*>(&part);
    return macro != nullptr && (*macro)->name == name;
  });
}

const std::string* TextTemplate::plain() const {
  return parts_.size() == 1 ? std::get_if<std::string>(parts_.data()) : nullptr;
}

/// InfluxDB makes one of what has the same measurement, tags, time and field.
bool LineTemplate::tells_series_apart() const {
  const auto has = [&](std::string_view name) {
    return measurement_.has(name) ||
           std::ranges::any_of(tags_, [&](const auto& tag) { return tag.second.has(name); });
  };
  return has("name") ||
         (has("entity") && (has("attribute") || std::ranges::all_of(fields_, [](const auto& field) {
                              return field.first.has("attribute") || field.first.has("name");
                            })));
}

Result<void> LineTemplate::read_parts(Section& section, Holds holds) {
  const auto make = [&](std::string_view key, const std::string& text,
                        TextTemplate::Use use) -> Result<TextTemplate> {
    auto made = TextTemplate::create(text, holds, use);
    if (!made) return section.wrong(key, made.error().what);
    return made;
  };
  using enum TextTemplate::Use;
  const auto name =
      TRY(section.text("measurement", holds == Holds::readings ? "readings" : "alarms"));
  measurement_ = TRY(make("measurement", name, identity));
  auto tags = TRY(section.text_map("tags"));
  if (!section.has("tags")) tags = default_tags(holds);
  for (const auto& [key, text] : tags) {
    auto value = TRY(make("tags", text, identity));
    tags_.emplace_back(key, std::move(value));
  }
  auto fields = TRY(section.text_map("fields"));
  if (!section.has("fields")) fields = default_fields(holds);
  for (const auto& [key, text] : fields) {
    auto field = TRY(make("fields", key, identity));
    auto content = TRY(make("fields", text, value));
    fields_.emplace_back(std::move(field), std::move(content));
  }
  return {};
}

Result<LineTemplate> LineTemplate::read(Section& section, Holds holds) {
  LineTemplate made;
  TRY(made.read_parts(section, holds));
  if (made.measurement_.is_empty()) return section.wrong("measurement", "is empty");
  if (made.fields_.empty()) return section.wrong("fields", "is empty; a line needs a field");
  for (const auto& [key, text] : made.tags_) {
    const auto why = why_no_key(key);
    if (!why.empty()) return section.wrong("tags", fmt::format("has '{}', which {}", key, why));
  }
  for (const auto& [key, text] : made.fields_) {
    const auto why = key.is_empty()           ? why_no_key({})
                     : key.plain() != nullptr ? why_no_key(*key.plain())
                                              : std::string_view();
    if (!why.empty()) {
      return section.wrong("fields", fmt::format("has '{}', which {}", key.fill({}), why));
    }
  }
  if (holds == Holds::readings && !made.tells_series_apart()) {
    return section.wrong("tags",
                         "and fields do not tell two series apart: expected ${entity} in a tag (or "
                         "the measurement), and ${attribute} there or in the name of each field");
  }
  return made;
}

bool LineTemplate::append(std::string& out, const Subject& subject,
                          line::Precision precision) const {
  std::vector<std::string> texts;  // keeps what the point's views look at
  std::vector<Value> values;
  texts.reserve(1 + tags_.size() + fields_.size());
  values.reserve(fields_.size());
  const auto keep = [&](std::string text) -> std::string_view {
    return texts.emplace_back(text.empty() ? "-" : std::move(text));
  };
  line::Point point;
  point.measurement = keep(measurement_.fill(subject));
  for (const auto& [key, text] : tags_) {
    point.tags.push_back({key, texts.emplace_back(text.fill(subject))});
  }
  for (const auto& [key, text] : fields_) {
    const auto& value = values.emplace_back(text.value(subject));
    if (auto field = field_of("", value)) {
      field->key = keep(key.fill(subject));
      point.fields.push_back(*field);
    }
  }
  if (point.fields.empty()) return false;
  point.time = subject.at();
  line::append(out, point, precision);
  return true;
}

}  // namespace sosie::influxdb
