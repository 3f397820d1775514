#include "generating/message_template.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"
#include "wire/json/value.h"

namespace sosie::generating {
namespace {

constexpr std::size_t number_room = 32;
constexpr std::array<std::string_view, 5> time_forms{"iso", "unix", "unix_ms", "unix_us",
                                                     "unix_ns"};
/// In the order of What.
constexpr std::array<std::string_view, 7> own_names{"device", "kind",  "place", "sequence",
                                                    "time",   "since", "sent"};

/// A part of JSON without the blanks between its words: a message is one line. `in_text`: whether
/// the part begins, and then ends, between quotes.
std::string compact(std::string_view json, bool& in_text) {
  std::string out;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text && c == '\\' && i + 1 < json.size()) {
      out += c;
      out += json[++i];
      continue;
    }
    if (c == '"') in_text = !in_text;
    if (in_text || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) out += c;
  }
  return out;
}

char* put(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* put(char* to, std::int64_t number) {
  return std::to_chars(to, to + number_room, number).ptr;
}

/// `value` written with at most `digits` decimals, if it is such a number; else null.
char* put_decimal(char* to, double value, std::int64_t scale, int digits) {
  const double scaled = value * static_cast<double>(scale);
  if (!(std::abs(scaled) < 1e15)) return nullptr;
  const auto whole = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
  if (static_cast<double>(whole) / static_cast<double>(scale) != value) return nullptr;
  auto rest = static_cast<std::uint64_t>(whole < 0 ? -whole : whole);
  if (whole < 0) *to++ = '-';
  to = put(to, static_cast<std::int64_t>(rest / static_cast<std::uint64_t>(scale)));
  rest %= static_cast<std::uint64_t>(scale);
  if (rest == 0) return to;
  while (rest % 10 == 0) {
    rest /= 10;
    --digits;
  }
  *to++ = '.';
  for (int i = digits - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  return to + digits;
}

}  // namespace

std::string slug(std::string_view text) {
  // The letters of Latin-1 from À on, which UTF-8 writes as C3 80 and following.
  constexpr std::string_view bare =
      "aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuyty";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\xC3' && i + 1 < text.size()) {
      c = bare[static_cast<unsigned char>(text[++i]) & 0x3fU];
    }
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool is_kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_kept) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  if (out.ends_with('-')) out.pop_back();
  return out.empty() ? "-" : out;
}

/// Sensors show tenths or millionths: those are written without looking for the shortest form.
char* write_number(char* to, double value) {
  if (char* const end = put_decimal(to, value, 10, 1)) return end;
  if (char* const end = put_decimal(to, value, 1'000'000, 6)) return end;
  return std::to_chars(to, to + number_room, value).ptr;
}

// ---- making

void MessageTemplate::add_text(std::string_view text) {
  if (text.empty()) return;
  pieces_.push_back({What::text, TimeForm::iso, static_cast<std::uint32_t>(text_.size()),
                     static_cast<std::uint32_t>(text.size())});
  text_ += text;
  fixed_room_ += text.size();
}

Result<void> MessageTemplate::add_placeholder(std::string_view name,
                                              std::span<const std::string_view> known,
                                              std::size_t line) {
  const auto colon = name.find(':');
  const auto bare = name.substr(0, colon);
  const auto* const own = std::ranges::find(own_names, bare);
  const auto found = std::ranges::find(known, bare);
  if (own == own_names.end() && found == known.end()) {
    std::vector<std::string_view> all(known.begin(), known.end());
    all.insert(all.end(), own_names.begin(), own_names.end());
    const auto near = nearest(bare, all);
    return Error{Errc::invalid,
                 fmt::format("line {} of it: '${{{}}}' is no placeholder; {}", line, name,
                             near ? fmt::format("did you mean '${{{}}}'?", *near)
                                  : fmt::format("expected one of {}", fmt::join(all, ", ")))};
  }
  if (own == own_names.end() && known.empty()) {
    return Error{Errc::invalid, fmt::format("'${{{}}}' has no place in a topic", name)};
  }
  Piece piece;
  if (own != own_names.end()) {
    piece.what = static_cast<What>(static_cast<std::size_t>(own - own_names.begin()) + 1);
  } else {
    piece.what = What::attribute;
    const auto mine = std::ranges::find(attributes_, bare);
    piece.begin = static_cast<std::uint32_t>(mine - attributes_.begin());
    if (mine == attributes_.end()) attributes_.emplace_back(bare);
  }
  if (colon != std::string_view::npos) {
    TRY(add_form(piece, name.substr(colon + 1), name, line));
  }
  if (piece.what == What::device || piece.what == What::kind || piece.what == What::place ||
      piece.what == What::place_slug) {
    ++names_;
  }
  tells_sending_ = tells_sending_ || piece.what == What::sent;
  fixed_room_ += number_room;
  pieces_.push_back(piece);
  return {};
}

/// What stands behind a placeholder's colon.
Result<void> MessageTemplate::add_form(Piece& piece, std::string_view form, std::string_view name,
                                       std::size_t line) {
  const bool is_time =
      piece.what == What::time || piece.what == What::since || piece.what == What::sent;
  const auto* const at = std::ranges::find(time_forms, form);
  if (is_time && at != time_forms.end()) {
    piece.form = static_cast<TimeForm>(at - time_forms.begin());
    return {};
  }
  if (piece.what == What::place && form == "slug") {
    piece.what = What::place_slug;
    return {};
  }
  if (piece.what == What::attribute && form.find('|') != form.npos) {
    piece.what = What::word;
    piece.size = static_cast<std::uint32_t>(words_.size());
    auto& words = words_.emplace_back();
    for (const auto word : split(form, '|')) words.emplace_back(word);
    fixed_room_ += form.size();
    return {};
  }
  return Error{
      Errc::invalid,
      fmt::format("line {} of it: '${{{}}}': expected {}", line, name,
                  is_time ? fmt::format("one of {} after the colon", fmt::join(time_forms, ", "))
                          : fmt::format("'${{{}}}'", name.substr(0, name.find(':'))))};
}

/// With an example for each placeholder it must be JSON.
Result<void> MessageTemplate::check() {
  const std::vector<PlantValue> values(1);
  const std::vector<std::int32_t> places(attributes_.size(), 0);
  const Report report{.device = "device-1",
                      .kind = "kind",
                      .place = "place",
                      .place_slug = "place",
                      .at = Timestamp(std::chrono::hours(500000)),
                      .since = Timestamp(std::chrono::hours(500000)),
                      .sent = Timestamp(std::chrono::hours(500000)),
                      .sequence = 1,
                      .values = values,
                      .places = places};
  std::string example(room_for(report), ' ');
  example.resize(static_cast<std::size_t>(write(example.data(), report) - example.data()));
  const auto parsed = json::parse(example);
  if (!parsed) return Error{Errc::invalid, "is no JSON: " + parsed.error().what};
  if (parsed->object() == nullptr && parsed->list() == nullptr) {
    return Error{Errc::invalid, "is no JSON object and no list"};
  }
  return {};
}

Result<MessageTemplate> MessageTemplate::create(std::string_view text,
                                                std::span<const std::string_view> attributes) {
  auto made = TRY(cut(text, attributes, true));
  TRY(made.check());
  return made;
}

Result<MessageTemplate> MessageTemplate::create_topic(std::string_view text) {
  if (text.empty() || text.find_first_of("+#") != text.npos) {
    return Error{Errc::invalid, fmt::format("'{}' is no topic: it must not be empty and has no "
                                            "place for + and #",
                                            text)};
  }
  return cut(text, {}, false);
}

/// Takes a text apart where its placeholders are.
Result<MessageTemplate> MessageTemplate::cut(std::string_view text,
                                             std::span<const std::string_view> attributes,
                                             bool is_json) {
  MessageTemplate made;
  bool in_text = false;
  std::size_t line = 1;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = std::min(text.find("${", at), text.size());
    const auto before = text.substr(at, begin - at);
    made.add_text(is_json ? compact(before, in_text) : std::string(before));
    line += static_cast<std::size_t>(std::ranges::count(before, '\n'));
    if (begin == text.size()) break;
    const auto end = text.find('}', begin);
    if (end == std::string_view::npos) {
      return Error{Errc::invalid, fmt::format("line {} of it: '${{' has no end", line)};
    }
    TRY(made.add_placeholder(text.substr(begin + 2, end - begin - 2), attributes, line));
    at = end + 1;
  }
  return made;
}

// ---- writing

char* MessageTemplate::write_time(char* to, TimeForm form, Timestamp at, SecondText& second) {
  const std::int64_t us = at.time_since_epoch().count();
  switch (form) {
    case TimeForm::iso: {
      const auto whole = std::chrono::floor<std::chrono::seconds>(at);
      if (second.second != whole.time_since_epoch().count()) {
        second.second = whole.time_since_epoch().count();
        const auto text = to_iso8601(whole);
        std::memcpy(second.text, text.data(), std::min(text.size() - 1, sizeof second.text));
      }
      to = put(to, std::string_view(second.text, 19));
      const auto ms = static_cast<unsigned>((at - whole) / std::chrono::milliseconds(1));
      *to++ = '.';
      *to++ = static_cast<char>('0' + ms / 100);
      *to++ = static_cast<char>('0' + ms / 10 % 10);
      *to++ = static_cast<char>('0' + ms % 10);
      *to++ = 'Z';
      return to;
    }
    case TimeForm::unix: {
      const auto ms = us / 1000;
      return write_number(to, static_cast<double>(ms) / 1000);
    }
    case TimeForm::unix_ms:
      return put(to, us / 1000);
    case TimeForm::unix_us:
      return put(to, us);
    case TimeForm::unix_ns:
      to = put(to, us);
      return put(to, "000");
  }
  return to;
}

char* MessageTemplate::write(char* to, const Report& report) {
  for (const Piece& piece : pieces_) {
    switch (piece.what) {
      case What::text:
        to = put(to, std::string_view(text_).substr(piece.begin, piece.size));
        break;
      case What::device:
        to = put(to, report.device);
        break;
      case What::kind:
        to = put(to, report.kind);
        break;
      case What::place:
        to = put(to, report.place);
        break;
      case What::place_slug:
        to = put(to, report.place_slug);
        break;
      case What::sequence:
        to = put(to, static_cast<std::int64_t>(report.sequence));
        break;
      case What::time:
        to = write_time(to, piece.form, report.at, second_of_time_);
        break;
      case What::since:
        to = write_time(to, piece.form, report.since, second_of_since_);
        break;
      case What::sent:
        to = write_time(to, piece.form, report.sent, second_of_sending_);
        break;
      case What::attribute: {
        const auto place = report.places[piece.begin];
        const bool is_there = place >= 0 && report.values[static_cast<std::size_t>(place)].sent;
        to = is_there ? write_number(to, report.values[static_cast<std::size_t>(place)].value)
                      : put(to, "null");
        break;
      }
      case What::word: {
        const auto place = report.places[piece.begin];
        const auto& words = words_[piece.size];
        const double value = place < 0 ? 0 : report.values[static_cast<std::size_t>(place)].value;
        const double last = static_cast<double>(words.size()) - 1;
        to = put(to, words[static_cast<std::size_t>(std::clamp(std::round(value), 0.0, last))]);
        break;
      }
    }
  }
  return to;
}

}  // namespace sosie::generating
