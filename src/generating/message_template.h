#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "simulation/plant.h"

namespace sosie::generating {

/// What a device says at one instant.
struct Report {
  std::string_view device;
  std::string_view kind;          ///< the part of the plant it belongs to
  std::string_view place{};       ///< where it stands, as people write it
  std::string_view place_slug{};  ///< the same for a topic
  Timestamp at;                   ///< by the device's own clock
  Timestamp since{};              ///< when it reported before
  Timestamp sent;                 ///< by ours
  std::uint64_t sequence = 0;
  std::span<const PlantValue> values;
  std::span<const std::int32_t> places;  ///< by attribute(): where it is in `values`; -1: nowhere
};

/// A message as a scenario shows it, with placeholders, ready to be written millions of times:
///
///     {"device": {"id": "${device}"}, "time": "${time}", "data": {"temperature": ${temperature}}}
///
/// `${device}`, `${kind}`, `${place}` (with `:slug` as topics and identifiers have it),
/// `${sequence}`, `${time}`, `${since}` (of its report before) and `${sent}` (with `:iso`, the
/// default, or `:unix`, `:unix_ms`, `:unix_us`, `:unix_ns`), and any attribute of the plant: a
/// number, or null where the device has not sent it. `${occupied:free|occupied}` is the word that
/// the number counts, from 0. Blanks between JSON's words are left out.
///
/// Threads: one at a time (it keeps the text of the second it was last in).
class MessageTemplate {
 public:
  /// `attributes`: what the plant's devices measure. Errors: a placeholder that is none of all
  /// these (with its line in `text` and the nearest name), and a text that is no JSON with them.
  static Result<MessageTemplate> create(std::string_view text,
                                        std::span<const std::string_view> attributes);
  /// A text that is no JSON, of names only: a topic. Errors: another placeholder.
  static Result<MessageTemplate> create_topic(std::string_view text);

  /// The attributes that stand in it, each once: `Report::places` has a number for each.
  std::span<const std::string> attributes() const { return attributes_; }
  bool tells_sending() const { return tells_sending_; }

  /// No more than so many bytes are written for this device.
  std::size_t room_for(const Report& report) const {
    return fixed_room_ + names_ * (report.device.size() + report.kind.size() + report.place.size() +
                                   report.place_slug.size());
  }

  /// Writes the message and returns its end. REQUIRES: room for `room_for(report)` bytes. Names of
  /// devices are written as they are: they hold nothing that JSON escapes.
  char* write(char* to, const Report& report);

 private:
  enum class What : std::uint8_t {
    text,
    device,
    kind,
    place,
    sequence,
    time,
    since,
    sent,
    attribute,
    place_slug,
    word,
  };
  enum class TimeForm : std::uint8_t { iso, unix, unix_ms, unix_us, unix_ns };
  struct Piece {
    What what = What::text;
    TimeForm form = TimeForm::iso;
    std::uint32_t begin = 0;  ///< of a text in text_; else the attribute's number
    std::uint32_t size = 0;   ///< of a text; of words: where they are in words_
  };
  struct SecondText {
    std::int64_t second = -1;
    char text[20] = {};  // NOLINT(modernize-avoid-c-arrays): bytes to be copied
  };

  MessageTemplate() = default;
  static Result<MessageTemplate> cut(std::string_view text,
                                     std::span<const std::string_view> attributes, bool is_json);
  Result<void> add_form(Piece& piece, std::string_view form, std::string_view name,
                        std::size_t line);
  void add_text(std::string_view text);
  Result<void> add_placeholder(std::string_view name, std::span<const std::string_view> known,
                               std::size_t line);
  Result<void> check();
  char* write_time(char* to, TimeForm form, Timestamp at, SecondText& second);

  std::string text_;
  std::vector<Piece> pieces_;
  std::vector<std::string> attributes_;
  std::vector<std::vector<std::string>> words_;
  std::size_t fixed_room_ = 0;
  std::size_t names_ = 0;
  bool tells_sending_ = false;
  SecondText second_of_time_;
  SecondText second_of_since_;
  SecondText second_of_sending_;
};

/// "Saint-Étienne" as "saint-etienne": small ASCII letters and digits, one dash for all between.
std::string slug(std::string_view text);

/// Writes a number as JSON, as short as it can be read back: at most 32 bytes. REQUIRES: finite.
char* write_number(char* to, double value);

}  // namespace sosie::generating
