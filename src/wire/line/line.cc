#include "wire/line/line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::line {
namespace {

constexpr std::string_view blanks = " \t\r";

/// What a backslash may stand before, by where it is; before anything else it is itself.
constexpr std::string_view in_measurement = ", ";
constexpr std::string_view in_key = ",= ";
constexpr std::string_view in_text = "\"\\";

std::string_view skip_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

/// Where the first of `ends` stands that no backslash precedes; the size if none does.
std::size_t find_end(std::string_view text, std::string_view ends) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (ends.find(text[i]) != std::string_view::npos) {
      return i;
    }
  }
  return text.size();
}

/// Behind the closing quote of the text that opens at text[0]; none if it never closes.
std::optional<std::size_t> find_quote_end(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::nullopt;
}

/// A line end in a text does not end the line; a quote opens a text only where a field's value
/// begins, so not before the first blank.
std::size_t find_line_end(std::string_view body) {
  bool in_fields = false;
  bool quoted = false;
  bool begins_value = false;  // the character before was a '=' without a backslash
  std::size_t end = 0;
  for (; end < body.size() && (quoted || body[end] != '\n'); ++end) {
    const char c = body[end];
    if (c == '\\' && end + 1 < body.size() && body[end + 1] != '\n') {
      ++end;
    } else if (c == ' ') {
      in_fields = true;
    } else if (c == '"' && (quoted || (in_fields && begins_value))) {
      quoted = !quoted;
    }
    begins_value = c == '=';
  }
  return end;
}

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  const auto* const begin = text.data();
  const auto* const end = begin + text.size();
  const auto done = std::from_chars(begin, end, value);
  if (done.ec != std::errc() || done.ptr != end) return std::nullopt;
  return value;
}

std::optional<bool> parse_flag(std::string_view text) {
  for (const auto yes : {"t", "T", "true", "True", "TRUE"}) {
    if (text == yes) return true;
  }
  for (const auto no : {"f", "F", "false", "False", "FALSE"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

/// How many nanoseconds a unit has.
std::int64_t nanoseconds_of(Precision precision) {
  constexpr std::array<std::int64_t, 6> units{
      1, 1'000, 1'000'000, 1'000'000'000, 60'000'000'000, 3'600'000'000'000};
  return units.at(static_cast<std::size_t>(precision));
}

std::optional<Timestamp> to_timestamp(std::int64_t count, Precision precision) {
  const auto unit = nanoseconds_of(precision);
  if (unit < 1000) return Timestamp(Duration(count / 1000 - (count % 1000 < 0 ? 1 : 0)));
  std::int64_t us = 0;
  if (__builtin_mul_overflow(count, unit / 1000, &us)) return std::nullopt;
  return Timestamp(Duration(us));
}

}  // namespace

std::optional<double> Field::number() const {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* natural = std::get_if<std::uint64_t>(&value))
    return static_cast<double>(*natural);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  return std::nullopt;
}

std::string_view Point::tag(std::string_view key) const {
  const auto found = std::ranges::find(tags, key, &Tag::key);
  return found == tags.end() ? std::string_view() : found->value;
}

std::optional<Precision> precision_from_text(std::string_view text) {
  struct Name {
    std::string_view name;
    Precision precision;
  };
  constexpr std::array<Name, 10> names{{{"", Precision::ns},
                                        {"ns", Precision::ns},
                                        {"n", Precision::ns},
                                        {"us", Precision::us},
                                        {"u", Precision::us},
                                        {"µ", Precision::us},
                                        {"ms", Precision::ms},
                                        {"s", Precision::s},
                                        {"m", Precision::m},
                                        {"h", Precision::h}}};
  const auto* const found = std::ranges::find(names, text, &Name::name);
  if (found == names.end()) return std::nullopt;
  return found->precision;
}

/// Walks over one line, cutting off its front what has been read.
class Parser::Scanner {
 public:
  Scanner(Parser& parser, std::string_view line) : parser_(parser), line_(line), rest_(line) {}

  Result<void> read() {
    auto& point = parser_.point_;
    point.measurement = unescaped(take(find_end(rest_, ", ")), in_measurement);
    if (point.measurement.empty()) return wrong("missing measurement");
    TRY(read_tags());
    rest_ = skip_blanks(rest_);
    if (rest_.empty()) return wrong("missing fields");
    TRY(read_fields());
    return read_time();
  }

 private:
  Result<void> read_tags() {
    auto& tags = parser_.point_.tags;
    while (rest_.starts_with(',')) {
      rest_.remove_prefix(1);
      const auto key = take(find_end(rest_, "=, "));
      if (key.empty()) return wrong("missing tag key");
      if (!rest_.starts_with('=')) return wrong("missing tag value");
      rest_.remove_prefix(1);
      const auto value = take(find_end(rest_, "=, "));
      if (value.empty()) return wrong("missing tag value");
      if (rest_.starts_with('=')) return wrong("invalid tag format");
      const auto name = unescaped(key, in_key);
      if (std::ranges::find(tags, name, &Tag::key) != tags.end()) return wrong("duplicate tags");
      tags.push_back({name, unescaped(value, in_key)});
    }
    return {};
  }

  Result<void> read_fields() {
    for (;;) {
      const auto key = take(find_end(rest_, "=, "));
      if (key.empty()) return wrong("missing field key");
      if (!rest_.starts_with('=')) return wrong("invalid field format");
      rest_.remove_prefix(1);
      Field field{unescaped(key, in_key), {}};
      TRY(read_value(field));
      parser_.point_.fields.push_back(field);
      if (!rest_.starts_with(',')) return {};
      rest_.remove_prefix(1);
    }
  }

  Result<void> read_value(Field& field) {
    if (rest_.starts_with('"')) {
      const auto end = find_quote_end(rest_);
      if (!end) return wrong("unbalanced quotes");
      const auto quoted = take(*end);
      field.value = unescaped(quoted.substr(1, quoted.size() - 2), in_text);
      if (!rest_.empty() && rest_[0] != ',' && blanks.find(rest_[0]) == std::string_view::npos) {
        return wrong("invalid field format");
      }
      return {};
    }
    const auto text = take(std::min(rest_.find_first_of(", \t\r"), rest_.size()));
    if (text.empty()) return wrong("missing field value");
    return read_bare(field, text);
  }

  Result<void> read_bare(Field& field, std::string_view text) {
    if (const auto flag = parse_flag(text)) {
      field.value = *flag;
      return {};
    }
    const bool is_number =
        std::string_view("+-.0123456789").find(text[0]) != std::string_view::npos;
    if (!is_number)
      return wrong(text[0] == 't' || text[0] == 'T' || text[0] == 'f' || text[0] == 'F'
                       ? "invalid boolean"
                       : "invalid number");
    if (text[0] == '+') text.remove_prefix(1);
    const auto digits = text.substr(0, text.size() - 1);
    if (text.ends_with('i')) return keep(field, line::parse<std::int64_t>(digits));
    if (text.ends_with('u')) return keep(field, line::parse<std::uint64_t>(digits));
    auto real = line::parse<double>(text);
    if (real && !std::isfinite(*real)) real = std::nullopt;
    return keep(field, real);
  }

  template <class Number>
  Result<void> keep(Field& field, std::optional<Number> number) {
    if (!number) return wrong("invalid number");
    field.value = *number;
    return {};
  }

  Result<void> read_time() {
    rest_ = trim(rest_);
    if (rest_.empty()) return {};
    const auto count = line::parse<std::int64_t>(rest_);
    if (!count) return wrong("bad timestamp");
    parser_.point_.time = to_timestamp(*count, parser_.precision_);
    if (!parser_.point_.time) return wrong("time outside range");
    return {};
  }

  std::string_view take(std::size_t count) {
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  /// `text` itself, unless there is a backslash in it.
  std::string_view unescaped(std::string_view text, std::string_view escapable) {
    if (text.find('\\') == std::string_view::npos) return text;
    auto& room = parser_.unescaped_;  // reserved for the whole line: never moves
    const auto begin = room.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool escapes = text[i] == '\\' && i + 1 < text.size() &&
                           escapable.find(text[i + 1]) != std::string_view::npos;
      if (escapes) ++i;
      room += text[i];
    }
    return std::string_view(room).substr(begin);
  }

  Error wrong(std::string_view what) const {
    constexpr std::size_t shown = 200;
    return {Errc::invalid, fmt::format("unable to parse '{}': {}", line_.substr(0, shown), what)};
  }

  Parser& parser_;
  std::string_view line_;
  std::string_view rest_;
};

Result<const Point*> Parser::parse(std::string_view line) {
  point_.measurement = {};
  point_.tags.clear();
  point_.fields.clear();
  point_.time.reset();
  unescaped_.clear();
  unescaped_.reserve(line.size());
  Scanner scanner(*this, line);
  TRY(scanner.read());
  return &point_;
}

std::optional<std::string_view> next_line(std::string_view& body) {
  while (!body.empty()) {
    body = body.substr(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
    const bool comment = body.starts_with('#');
    const auto end = comment ? std::min(body.find('\n'), body.size()) : find_line_end(body);
    const auto line = trim(body.substr(0, end));
    body.remove_prefix(std::min(body.size(), end + 1));
    if (!comment && !line.empty()) return line;
  }
  return std::nullopt;
}

}  // namespace sosie::line
