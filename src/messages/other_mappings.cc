#include <fmt/format.h>

#include "base/text.h"
#include "messages/mapping.h"
#include "wire/json/readings.h"
#include "wire/line/line.h"
#include "wire/line/naming.h"

namespace sosie::messages {
namespace {

constexpr std::size_t longest_payload = std::size_t{1} << 20U;

Result<std::string_view> payload_of(const Message& message) {
  if (!message.payload) return Error{Errc::invalid, "a tombstone: it has no payload"};
  if (message.payload->size() > longest_payload) {
    return Error{Errc::invalid, fmt::format("{} bytes; expected at most {}",
                                            message.payload->size(), longest_payload)};
  }
  return *message.payload;
}

Quality quality_from(std::string_view text) {
  if (text == "uncertain") return Quality::uncertain;
  return text == "bad" ? Quality::bad : Quality::good;
}

/// Sosie's own form, as its other sources take it.
class ReadingsMapping final : public Mapping, json::ReadingVisitor {
 public:
  Result<void> read(const Message& message, Names& names, std::vector<Reading>& out) override {
    const auto payload = TRY(payload_of(message));
    const std::size_t before = out.size();
    out_ = &out;
    names_ = &names;
    at_ = message.at.value_or(names.now());
    wrong_.clear();
    decoder_.decode(payload, *this);
    if (wrong_.empty() && out.size() == before) wrong_ = "no reading in it";
    if (wrong_.empty()) return {};
    out.resize(before);
    return Error{Errc::invalid, wrong_};
  }

 private:
  void reading(std::size_t /*index*/, const json::ReadingItem& item) override {
    // The key of the look-up, in a buffer that stays.
    name_.assign(item.entity).append(1, '\n').append(item.attribute);
    auto& handle = *handles_.row(name_);
    if (handle == Handles::unknown) {
      const auto found = find_series(*names_, strangers_, item.entity, item.attribute);
      if (!found) {
        handles_.forget_stranger(name_);
        return note(found.error().what);
      }
      handle = (*found).index;
    }
    const auto quality = quality_from(item.quality);
    out_->push_back(
        {.at = item.time.value_or(at_),
         .value = item.value,
         .series = SeriesId{handle},
         .quality = quality,
         .reason = quality == Quality::good ? QualityReason::none : QualityReason::sensor_fault});
  }
  void refused(std::size_t /*index*/, std::string_view reason,
               std::string_view /*sample*/) override {
    note(std::string(reason));
  }
  void note(std::string reason) {
    if (wrong_.empty()) wrong_ = std::move(reason);
  }

  json::ReadingDecoder decoder_;
  Handles handles_{1};
  Strangers strangers_;
  std::string name_;
  std::string wrong_;
  Timestamp at_;
  std::vector<Reading>* out_ = nullptr;
  Names* names_ = nullptr;
};

class LineMapping final : public Mapping {
 public:
  explicit LineMapping(std::string device_tag) : tag_(std::move(device_tag)) {
    if (!tag_.empty()) naming_.entity_tags = {tag_};
  }

  Result<void> read(const Message& message, Names& names, std::vector<Reading>& out) override {
    auto payload = TRY(payload_of(message));
    const std::size_t before = out.size();
    const Timestamp otherwise = message.at.value_or(names.now());
    while (const auto text = line::next_line(payload)) {
      auto done = read_line(*text, otherwise, names, out);
      if (done) continue;
      out.resize(before);
      return done;
    }
    if (out.size() > before) return {};
    return Error{Errc::invalid, "no reading in it"};
  }

 private:
  Result<void> read_line(std::string_view text, Timestamp otherwise, Names& names,
                         std::vector<Reading>& out) {
    const line::Point* const point = TRY(parser_.parse(text));
    if (!tag_.empty() && point->tag(tag_).empty()) {
      return Error{Errc::invalid, fmt::format("there is no tag '{}'", tag_)};
    }
    entity_.clear();
    naming_.append_entity(entity_, *point);
    for (const auto& field : point->fields) {
      const auto number = field.number();
      if (!number) continue;  // a text is told beside the values, as line protocol has it
      const auto attribute = naming_.attribute_of(*point, field);
      name_.assign(entity_).append(1, '\n').append(attribute);
      auto& handle = *handles_.row(name_);
      if (handle == Handles::unknown) {
        const auto found = find_series(names, strangers_, entity_, attribute);
        if (!found) {
          handles_.forget_stranger(name_);
          return found.error();
        }
        handle = (*found).index;
      }
      Reading reading;
      reading.at = point->time.value_or(otherwise);
      reading.value = *number;
      reading.series.index = handle;
      out.push_back(reading);
    }
    return {};
  }

  std::string tag_;
  line::Naming naming_;
  line::Parser parser_{line::Precision::ns};
  Handles handles_{1};
  Strangers strangers_;
  std::string entity_;
  std::string name_;
};

}  // namespace

std::unique_ptr<Mapping> make_readings_mapping() {
  return std::make_unique<ReadingsMapping>();
}

std::unique_ptr<Mapping> make_line_mapping(std::string device_tag) {
  return std::make_unique<LineMapping>(std::move(device_tag));
}

}  // namespace sosie::messages
