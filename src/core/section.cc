#include "core/section.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "base/text.h"

namespace sosie {
namespace {

const Node::Table no_keys;

Node to_node(const toml::node& from) {
  Node node;
  node.line = static_cast<int>(from.source().begin.line);
  node.column = static_cast<int>(from.source().begin.column);
  if (const auto* table = from.as_table()) {
    Node::Table made;
    for (const auto& [key, value] : *table) made.emplace(std::string(key.str()), to_node(value));
    node.value = std::move(made);
  } else if (const auto* list = from.as_array()) {
    Node::List made;
    for (const auto& value : *list) made.push_back(to_node(value));
    node.value = std::move(made);
  } else if (const auto* text = from.as_string()) {
    node.value = text->get();
  } else if (const auto* integer = from.as_integer()) {
    node.value = integer->get();
  } else if (const auto* number = from.as_floating_point()) {
    node.value = number->get();
  } else if (const auto* flag = from.as_boolean()) {
    node.value = flag->get();
  } else {  // TOML's dates and times: kept as they are written, who asks for one reads text
    std::ostringstream written;
    from.visit([&](const auto& value) {
      if constexpr (toml::is_date_time<decltype(value)> || toml::is_date<decltype(value)> ||
                    toml::is_time<decltype(value)>) {
        written << value.get();
      }
    });
    node.value = written.str();
  }
  return node;
}

std::string shown(const Node& node) {
  struct {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::to_string(value); }
    std::string operator()(double value) const { return fmt::to_string(value); }
    std::string operator()(const std::string& value) const { return fmt::format("\"{}\"", value); }
    std::string operator()(const Node::List&) const { return "a list"; }
    std::string operator()(const Node::Table&) const { return "a table"; }
  } show;
  return std::visit(show, node.value);
}

/// Number, text or flag as text; none for a list or a table.
std::optional<std::string> as_text(const Node& node) {
  if (const auto* text = std::get_if<std::string>(&node.value)) return *text;
  if (std::holds_alternative<Node::List>(node.value)) return std::nullopt;
  if (std::holds_alternative<Node::Table>(node.value)) return std::nullopt;
  return shown(node);
}

/// What was read, without the quotes that `shown` puts around a text.
std::string plain(const Node& node) {
  return as_text(node).value_or(shown(node));
}

/// Of "is 7, expected 0 to 1" the end; "" where a sentence does not say it.
std::string expected_in(std::string_view what) {
  constexpr std::string_view word = "expected ";
  if (what.starts_with("must ")) return std::string(what);
  const auto at = what.find(word);
  return at == std::string_view::npos ? "" : std::string(what.substr(at + word.size()));
}

/// A key that is none here, and the one that was meant, most likely.
struct Mistyped {
  const std::string* key = nullptr;
  const Node* node = nullptr;
  std::string sentence;
};

std::string not_a_key(std::string_view key, std::string_view section) {
  return fmt::format("'{}' is not a key of {}", key, section.empty() ? "a scenario" : section);
}

/// Whether one may be the other, written wrong; "port" is not "host", nor "longitude" "latitude".
bool are_near(std::string_view a, std::string_view b) {
  constexpr std::size_t too_short = 3;
  if (std::min(a.size(), b.size()) <= too_short || a.front() != b.front()) return false;
  return nearest(a, std::array{b}) && nearest(b, std::array{a});
}

/// Where `missing` is not there, one that nobody has asked for yet and that is nearly the same.
std::optional<Mistyped> mistyped_for(std::string_view missing, const Node::Table& table,
                                     const std::set<std::string, std::less<>>& asked,
                                     std::string_view section) {
  for (const auto& [key, node] : table) {
    if (asked.contains(key) || !are_near(key, missing)) continue;
    return Mistyped{&key, &node,
                    fmt::format("{}; did you mean '{}'?", not_a_key(key, section), missing)};
  }
  return std::nullopt;
}

}  // namespace

Result<Section> Section::read_file(const std::string& path) {
  std::ifstream file(path);
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);  // which opens, and throws
  if (!file || is_folder) {
    return Error{Errc::not_found,
                 fmt::format("{}: {}; expected a scenario file", path,
                             is_folder ? "is a folder" : "cannot be opened"),
                 std::make_shared<const Misread>(Misread{path, 0, {}, {}, "a scenario file", {}})};
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return read_text(text, path);
}

Result<Section> Section::read_text(std::string_view toml, std::string_view file_name) {
  try {
    const auto parsed = toml::parse(toml, file_name);
    auto origin = std::make_shared<Origin>();
    origin->file = file_name;
    origin->folder = std::filesystem::path(file_name).parent_path().string();
    origin->root = to_node(parsed);
    const auto* table = std::get_if<Node::Table>(&origin->root.value);
    return Section(std::move(origin), table, "", 1);
  } catch (const toml::parse_error& error) {
    const auto line = static_cast<int>(error.source().begin.line);
    Misread place{std::string(file_name), line, {}, {}, {}, {}};
    place.expected = fmt::format("TOML ({})", error.description());
    auto what = fmt::format("{}:{}: not TOML: {}", file_name, place.line, error.description());
    return Error{Errc::invalid, std::move(what), std::make_shared<const Misread>(std::move(place))};
  }
}

bool Section::has(std::string_view key) const {
  return table_->contains(key);
}

std::vector<std::string> Section::keys() const {
  std::vector<std::string> names;
  for (const auto& [key, node] : *table_) names.push_back(key);
  return names;
}

const Node* Section::ask(std::string_view key) {
  asked_.emplace(key);
  const auto found = table_->find(key);
  return found == table_->end() ? nullptr : &found->second;
}

/// The sentence is for people, the parts are for programs.
Error Section::error_at(Misread place, std::string_view sentence) const {
  place.file = origin_->file;
  auto what = fmt::format("{}:{}: {}", place.file, place.line, sentence);
  return Error{Errc::invalid, std::move(what), std::make_shared<const Misread>(std::move(place))};
}

Error Section::missing(std::string_view key) const {
  if (const auto meant = mistyped_for(key, *table_, asked_, name_)) {
    Misread place{{}, meant->node->line, *meant->key, *meant->key, {}, std::string(key)};
    place.expected = fmt::format("'{}'", key);
    return error_at(std::move(place), meant->sentence);
  }
  const std::string_view where = name_.empty() ? std::string_view("the file") : name_;
  Misread place{{}, line_, std::string(key), {}, {}, {}};
  place.expected = fmt::format("'{}' in {}", key, where);
  return error_at(std::move(place), fmt::format("'{}' is missing in {}", key, where));
}

Error Section::mistyped(std::string_view key, const Node& node, std::string_view expected) const {
  Misread place{{}, node.line, std::string(key), plain(node), std::string(expected), {}};
  return error_at(std::move(place),
                  fmt::format("'{}' is {}; expected {}", key, shown(node), expected));
}

Error Section::wrong(std::string_view key, std::string_view what) const {
  const auto found = table_->find(key);
  Misread place{{}, line_, std::string(key), {}, expected_in(what), {}};
  if (found == table_->end()) {
    if (mistyped_for(key, *table_, asked_, name_)) return missing(key);
    return error_at(std::move(place), fmt::format("'{}' {}", key, what));
  }
  place.line = found->second.line;
  place.read = plain(found->second);
  const bool says_read = !what.starts_with("expected") && !what.starts_with("must");
  const auto read = says_read ? std::string() : fmt::format("is {}; ", shown(found->second));
  return error_at(std::move(place), fmt::format("'{}' {}{}", key, read, what));
}

Error Section::wrong_choice(std::string_view key, std::string_view read,
                            std::span<const std::string_view> allowed) const {
  return wrong_name(key, read, fmt::format("one of: {}", fmt::join(allowed, ", ")), allowed);
}

Error Section::wrong_name(std::string_view key, std::string_view read, std::string_view expected,
                          std::span<const std::string_view> names) const {
  const auto found = table_->find(key);
  const int line = found == table_->end() ? line_ : found->second.line;
  Misread place{{}, line, std::string(key), std::string(read), std::string(expected), {}};
  place.nearest = nearest(read, names).value_or("");
  auto sentence = fmt::format("'{}' is \"{}\"; expected {}", key, read, expected);
  if (!place.nearest.empty()) sentence += fmt::format(" (did you mean {}?)", place.nearest);
  return error_at(std::move(place), sentence);
}

Result<std::string> Section::text(std::string_view key) {
  const auto* node = ask(key);
  if (node == nullptr) return missing(key);
  const auto* text = std::get_if<std::string>(&node->value);
  if (text == nullptr) return mistyped(key, *node, "a text in quotes");
  return *text;
}

Result<std::string> Section::text(std::string_view key, std::string_view otherwise) {
  if (ask(key) == nullptr) return std::string(otherwise);
  return text(key);
}

Result<double> Section::number(std::string_view key) {
  const auto* node = ask(key);
  if (node == nullptr) return missing(key);
  if (const auto* number = std::get_if<double>(&node->value)) {
    if (!std::isfinite(*number)) return mistyped(key, *node, "a finite number");
    return *number;
  }
  if (const auto* integer = std::get_if<std::int64_t>(&node->value)) {
    return static_cast<double>(*integer);
  }
  return mistyped(key, *node, "a number");
}

Result<double> Section::number(std::string_view key, double otherwise) {
  if (ask(key) == nullptr) return otherwise;
  return number(key);
}

Result<std::int64_t> Section::integer(std::string_view key, std::int64_t otherwise) {
  const auto* node = ask(key);
  if (node == nullptr) return otherwise;
  const auto* integer = std::get_if<std::int64_t>(&node->value);
  if (integer == nullptr) return mistyped(key, *node, "a whole number");
  return *integer;
}

Result<bool> Section::flag(std::string_view key, bool otherwise) {
  const auto* node = ask(key);
  if (node == nullptr) return otherwise;
  const auto* flag = std::get_if<bool>(&node->value);
  if (flag == nullptr) return mistyped(key, *node, "true or false");
  return *flag;
}

Result<Duration> Section::duration(std::string_view key, Duration otherwise) {
  const auto* node = ask(key);
  if (node == nullptr) return otherwise;
  const auto text = as_text(*node);
  const auto us = text ? to_duration_us(*text) : std::nullopt;
  if (!us) return mistyped(key, *node, "a duration, as \"5s\", \"10m\", \"24h\" or \"7d\"");
  return Duration(*us);
}

Result<std::vector<std::string>> Section::texts(std::string_view key) {
  const auto* node = ask(key);
  std::vector<std::string> made;
  if (node == nullptr) return made;
  if (const auto* one = std::get_if<std::string>(&node->value)) return std::vector{*one};
  const auto* list = std::get_if<Node::List>(&node->value);
  if (list == nullptr) return mistyped(key, *node, "a list of texts");
  for (const auto& item : *list) {
    const auto* text = std::get_if<std::string>(&item.value);
    if (text == nullptr) return mistyped(key, item, "a text in quotes");
    made.push_back(*text);
  }
  return made;
}

Result<std::string> Section::choice(std::string_view key, std::string_view otherwise,
                                    std::span<const std::string_view> allowed) {
  auto read = TRY(text(key, otherwise));
  if (std::find(allowed.begin(), allowed.end(), read) == allowed.end()) {
    return wrong_choice(key, read, allowed);
  }
  return read;
}

Result<std::string> Section::secret(std::string_view key) {
  const auto variable_key = fmt::format("{}_env", key);
  const auto file_key = fmt::format("{}_file", key);
  const auto variable = TRY(text(variable_key, ""));
  const auto file = TRY(path(file_key, ""));
  if (!variable.empty()) {
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr && excuses_secrets_) return std::string(no_secret);
    if (value == nullptr) {
      return wrong(variable_key,
                   fmt::format("names the environment variable {}, which is not set", variable));
    }
    return std::string(value);
  }
  if (file.empty()) return std::string();
  std::ifstream in(file);
  if (!in && excuses_secrets_) return std::string(no_secret);
  if (!in) return wrong(file_key, fmt::format("names {}, which cannot be read", file));
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  return std::string(trim(whole));
}

Result<std::string> Section::path(std::string_view key) {
  auto read = TRY(text(key));
  const std::filesystem::path path(read);
  if (path.is_absolute()) return read;
  return (std::filesystem::path(origin_->folder) / path).string();
}

Result<std::string> Section::path(std::string_view key, std::string_view otherwise) {
  if (ask(key) == nullptr) return std::string(otherwise);
  return path(key);
}

Result<Section> Section::table(std::string_view key) {
  const auto* node = ask(key);
  auto name = fmt::format("[{}]", key);
  if (node == nullptr) return Section(origin_, &no_keys, std::move(name), line_);
  const auto* table = std::get_if<Node::Table>(&node->value);
  if (table == nullptr) return mistyped(key, *node, fmt::format("a table [{}]", key));
  return Section(origin_, table, std::move(name), node->line);
}

Result<std::vector<Section>> Section::tables(std::string_view key) {
  const auto* node = ask(key);
  std::vector<Section> made;
  if (node == nullptr) return made;
  const auto* list = std::get_if<Node::List>(&node->value);
  if (list == nullptr) return mistyped(key, *node, fmt::format("tables [[{}]]", key));
  for (const auto& item : *list) {
    const auto* table = std::get_if<Node::Table>(&item.value);
    if (table == nullptr) return mistyped(key, item, fmt::format("a table [[{}]]", key));
    made.push_back(Section(origin_, table, fmt::format("[[{}]]", key), item.line));
  }
  return made;
}

Result<std::map<std::string, std::string>> Section::text_map(std::string_view key) {
  const auto* node = ask(key);
  std::map<std::string, std::string> made;
  if (node == nullptr) return made;
  const auto* table = std::get_if<Node::Table>(&node->value);
  if (table == nullptr) return mistyped(key, *node, "a table of names and values");
  for (const auto& [name, value] : *table) {
    const auto text = as_text(value);
    if (!text) return mistyped(name, value, "a text or a number");
    made.emplace(name, *text);
  }
  return made;
}

Result<void> Section::finish() const {
  for (const auto& [key, node] : *table_) {
    if (asked_.contains(key)) continue;
    const std::vector<std::string_view> known(asked_.begin(), asked_.end());
    auto sentence = not_a_key(key, name_);
    Misread place{{}, node.line, key, key, {}, {}};
    place.expected = fmt::format("one of: {}", fmt::join(known, ", "));
    if (const auto near = nearest(key, known)) {
      place.nearest = *near;
      sentence += fmt::format("; did you mean '{}'?", *near);
    } else {
      sentence += fmt::format("; known here: {}", fmt::join(known, ", "));
    }
    return error_at(std::move(place), sentence);
  }
  return {};
}

}  // namespace sosie
