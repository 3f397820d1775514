#include "wire/json/readings.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/time_text.h"
#include "wire/json/on_demand.h"

namespace sosie::json {
namespace {

constexpr std::size_t max_body = std::size_t{16} << 20U;
constexpr std::size_t max_line = std::size_t{1} << 20U;
constexpr std::size_t max_name = 256;
constexpr std::size_t max_sample = 200;
constexpr double max_ms = 253402300800000;  // the year 10000

/// What is wrong with one item, or with the text as a whole.
struct Trouble {
  std::string reason;   ///< empty: nothing
  bool broken = false;  ///< the text cannot be read on from here
};

/// The fields of an item that are used, each at most once.
struct Seen {
  bool entity = false;
  bool attribute = false;
  bool value = false;
  bool time = false;
  bool quality = false;
};

/// Reads one item's members into a ReadingItem. What is wrong first is kept, and the rest is read
/// all the same, so that the next item can be.
class ItemReader {
 public:
  explicit ItemReader(ReadingItem& item) : item_(item) {}

  Trouble read(od::value& value) {
    auto type = od::json_type::null;
    if (const auto failed = value.type().get(type)) {
      note(failed, "it");
      return std::move(trouble_);
    }
    if (type != od::json_type::object) {
      note(check_rest(value, max_levels), "it");
      wrong(fmt::format("{}; expected an object like {{\"entity\": …, \"value\": …}}",
                        kind_of(type)));
      return std::move(trouble_);
    }
    od::object object;
    if (const auto failed = value.get_object().get(object)) {
      note(failed, "it");
      return std::move(trouble_);
    }
    read_members(object);
    if (!seen_.entity) wrong("'entity' is missing");
    if (!seen_.value) wrong("'value' is missing");
    return std::move(trouble_);
  }

 private:
  void read_members(od::object& object) {
    for (auto next : object) {
      if (const auto failed = next.error()) return note(failed, "a key");
      auto& member = next.value_unsafe();
      std::string_view key;
      if (const auto failed = key_of(member, key)) return note(failed, "a key");
      read_member(key, member.value());
      if (trouble_.broken) return;
    }
  }

  void read_member(std::string_view key, od::value& value) {
    if (key == "value") return number(once(seen_.value, key), value);
    if (key == "entity") return name(once(seen_.entity, key), value, item_.entity);
    if (key == "time") return time(once(seen_.time, key), value);
    if (key == "attribute") return name(once(seen_.attribute, key), value, item_.attribute);
    if (key == "quality") return quality(once(seen_.quality, key), value);
    note(check_rest(value, max_levels), key);
  }

  std::string_view once(bool& seen, std::string_view key) {
    if (seen) wrong(fmt::format("'{}' is given twice", key));
    seen = true;
    return key;
  }

  /// True if the value is of `wanted` type; else it is read over and told as wrong.
  bool is(od::json_type wanted, std::string_view key, od::value& value, std::string_view expected) {
    auto type = od::json_type::null;
    if (const auto failed = value.type().get(type)) {
      const std::string_view raw = trim(value.raw_json_token());
      for (const std::string_view word : {"NaN", "Infinity"}) {  // as many write, and JSON has not
        if (raw.starts_with(word))
          wrong(fmt::format("'{}' is {}; expected {}", key, word, expected));
      }
      note(failed, key);  // the rest of the text is broken; the reason said first stays
      return false;
    }
    if (type == wanted) return true;
    note(check_rest(value, max_levels), key);
    wrong(fmt::format("'{}' is {}; expected {}", key, kind_of(type), expected));
    return false;
  }

  void number(std::string_view key, od::value& value) {
    if (!is(od::json_type::number, key, value, "a number")) return;
    const std::string_view raw = trim(value.raw_json_token());
    if (const auto failed = value.get_double().get(item_.value)) {
      note_number(failed, key, raw);
    } else if (!std::isfinite(item_.value)) {
      note_number(simdjson::NUMBER_ERROR, key, raw);
    }
  }

  void note_number(error_code failed, std::string_view key, std::string_view raw) {
    if (is_broken(failed)) return note(failed, key);
    wrong(fmt::format("'{}' is {}; expected a finite number", key, raw.substr(0, 40)));
  }

  /// The text of a value; none if it is not one.
  std::optional<std::string_view> text(std::string_view key, od::value& value,
                                       std::string_view expected) {
    if (!is(od::json_type::string, key, value, expected)) return std::nullopt;
    std::string_view read;
    if (const auto failed = value.get_string().get(read)) {
      note(failed, key);
      return std::nullopt;
    }
    return read;
  }

  void name(std::string_view key, od::value& value, std::string_view& out) {
    const auto read = text(key, value, "a text");
    if (!read) return;
    if (read->empty() && key == "entity") return wrong("'entity' is empty");
    if (read->size() > max_name) {
      return wrong(
          fmt::format("'{}' is {} bytes long; expected at most {}", key, read->size(), max_name));
    }
    out = *read;
  }

  void quality(std::string_view key, od::value& value) {
    const auto read = text(key, value, "good, uncertain or bad");
    if (!read) return;
    if (*read != "good" && *read != "uncertain" && *read != "bad") {
      return wrong(
          fmt::format("'quality' is '{}'; expected good, uncertain or bad", read->substr(0, 40)));
    }
    item_.quality = *read;
  }

  void time(std::string_view key, od::value& value) {
    constexpr std::string_view expected = "ISO 8601 or milliseconds since the epoch";
    auto type = od::json_type::null;
    if (const auto failed = value.type().get(type)) return note(failed, key);
    if (type == od::json_type::number) return time_ms(key, value);
    const auto read = text(key, value, expected);
    if (!read) return;
    item_.time = from_iso8601(*read);
    if (!item_.time) {
      wrong(fmt::format("'time' is '{}'; expected {}", read->substr(0, 40), expected));
    }
  }

  void time_ms(std::string_view key, od::value& value) {
    const std::string_view raw = trim(value.raw_json_token());
    double ms = 0;
    if (const auto failed = value.get_double().get(ms)) return note_number(failed, key, raw);
    if (!(std::abs(ms) < max_ms)) {
      return wrong(
          fmt::format("'time' is {}; expected milliseconds since the epoch", raw.substr(0, 40)));
    }
    item_.time = Timestamp(Duration(std::llround(ms * 1000)));
  }

  void wrong(std::string reason) {
    if (trouble_.reason.empty()) trouble_.reason = std::move(reason);
  }

  void note(error_code failed, std::string_view key) {
    if (failed == simdjson::SUCCESS) return;
    trouble_.broken = trouble_.broken || is_broken(failed);
    if (failed == simdjson::DEPTH_ERROR) {
      wrong(fmt::format("'{}' is deeper than {} levels", key, max_levels));
    } else {
      wrong(fmt::format("'{}' is not JSON: {}", key, simdjson::error_message(failed)));
    }
  }

  ReadingItem& item_;
  Seen seen_;
  Trouble trouble_;
};

/// JSON lines begin with an object, end its line where an object may end, and go on with another.
bool are_lines(std::string_view body) {
  const auto end = body.find('\n');
  if (!body.starts_with('{') || end == std::string_view::npos) return false;
  const auto first = trim(body.substr(0, end));
  const auto rest = trim(body.substr(end));
  const bool goes_on = std::string_view("{[,:").find(first.back()) != std::string_view::npos;
  return !goes_on && (rest.starts_with('{') || rest.starts_with('['));
}

}  // namespace

class ReadingDecoder::Reader {
 public:
  void decode(std::string_view body, ReadingVisitor& visitor) {
    visitor_ = &visitor;
    index_ = 0;
    if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
    body = trim(body);
    if (body.empty()) return refuse("nothing; expected JSON", body);
    if (body.size() > max_body) {
      return refuse(fmt::format("{} bytes; expected at most {}", body.size(), max_body), body);
    }
    text_.resize(body.size() + simdjson::SIMDJSON_PADDING);
    std::memcpy(text_.data(), body.data(), body.size());
    std::memset(text_.data() + body.size(), 0, simdjson::SIMDJSON_PADDING);
    const std::string_view text(text_.data(), body.size());
    if (are_lines(text)) {
      lines(text);
    } else {
      document(text);
    }
  }

 private:
  void lines(std::string_view text) {
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      const auto line = trim(text.substr(0, end));
      text.remove_prefix(std::min(text.size(), end + 1));
      if (line.size() > max_line) {
        refuse(fmt::format("a line of {} bytes; expected at most {}", line.size(), max_line), line);
      } else if (!line.empty()) {
        document(line);
      }
    }
  }

  /// One whole JSON text, which lies inside text_: so there is padding behind it.
  void document(std::string_view text) {
    document_ = text;
    const auto room = static_cast<std::size_t>(text_.data() + text_.size() - text.data());
    const simdjson::padded_string_view padded(text.data(), text.size(), room);
    const bool wraps = is_wrapper(padded);
    od::document root;
    if (const auto failed = parser_.iterate(padded).get(root)) return stop(failed);
    const bool goes_on =
        content(root, wraps) && root.current_location().error() == simdjson::SUCCESS;
    if (goes_on) refuse("text goes on after the end of its JSON", text);
  }

  /// False: the text cannot be read on.
  bool content(od::document& root, bool wraps) {
    auto type = od::json_type::null;
    if (const auto failed = root.type().get(type)) return stopped(failed);
    if (type != od::json_type::array && type != od::json_type::object) {
      refuse(fmt::format("{}; expected an object or a list", kind_of(type)), document_);
      return false;
    }
    od::value value;
    if (const auto failed = root.get_value().get(value)) return stopped(failed);
    if (type == od::json_type::array) return array(value);
    return wraps ? wrapper(value) : one(value);
  }

  /// Whether it is {"readings": …}. The text is searched first, which is cheap and mostly enough;
  /// the look inside is one of its own, because simdjson cannot go back after an error.
  bool is_wrapper(const simdjson::padded_string_view& padded) {
    if (document_.find("\"readings\"") == std::string_view::npos) return false;
    od::document root;
    if (parser_.iterate(padded).get(root)) return false;
    return root.find_field_unordered("readings").error() == simdjson::SUCCESS;
  }

  /// {"readings": [...]}; what else is in it is passed over.
  bool wrapper(od::value& value) {
    od::object object;
    if (const auto failed = value.get_object().get(object)) return stopped(failed);
    for (auto member : object) {
      std::string_view key;
      od::value content;
      if (const auto failed = member.unescaped_key().get(key)) return stopped(failed);
      if (const auto failed = member.value().get(content)) return stopped(failed);
      if (key == "readings") {
        if (!array(content)) return false;
      } else if (const auto failed = check_rest(content, max_levels)) {
        return stopped(failed);
      }
    }
    return true;
  }

  bool array(od::value& value) {
    od::array items;
    if (const auto failed = value.get_array().get(items)) {
      if (is_broken(failed)) return stopped(failed);
      refuse("'readings' is no list", document_);
      return check_rest(value, max_levels) == simdjson::SUCCESS;
    }
    for (auto element : items) {
      od::value item;
      if (const auto failed = element.get(item)) return stopped(failed);
      if (!one(item)) return false;
    }
    return true;
  }

  /// False: the text cannot be read on.
  bool one(od::value& value) {
    const auto* const begin = value.raw_json_token().data();
    const std::string_view sample = rest(begin);
    ReadingItem item;
    const Trouble trouble = ItemReader(item).read(value);
    if (trouble.reason.empty()) {
      visitor_->reading(index_++, item);
    } else {
      refuse(trouble.reason, sample);
    }
    return !trouble.broken;
  }

  void stop(error_code failed) { refuse(simdjson::error_message(failed), document_); }
  bool stopped(error_code failed) {
    stop(failed);
    return false;
  }

  std::string_view rest(const char* from) const {
    return document_.substr(static_cast<std::size_t>(from - document_.data()));
  }

  void refuse(std::string_view reason, std::string_view sample) {
    visitor_->refused(index_++, reason, sample.substr(0, max_sample));
  }

  od::parser parser_;
  std::vector<char> text_;  ///< the body and simdjson's padding behind it
  std::string_view document_;
  ReadingVisitor* visitor_ = nullptr;
  std::size_t index_ = 0;
};

ReadingDecoder::ReadingDecoder() : reader_(std::make_unique<Reader>()) {}
ReadingDecoder::~ReadingDecoder() = default;
ReadingDecoder::ReadingDecoder(ReadingDecoder&&) noexcept = default;
ReadingDecoder& ReadingDecoder::operator=(ReadingDecoder&&) noexcept = default;

void ReadingDecoder::decode(std::string_view body, ReadingVisitor& visitor) {
  reader_->decode(body, visitor);
}

}  // namespace sosie::json
