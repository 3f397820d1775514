#include "sosie.h"

#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shard/shard.h"

namespace {

/// Texts as sosie_texts hands them out.
class Texts {
 public:
  Texts() { clear(); }
  void clear() {
    data_.clear();
    offsets_.assign(1, 0);
  }
  void add(std::string_view text) {
    data_.append(text);
    offsets_.push_back(static_cast<std::int32_t>(data_.size()));
  }
  bool has_room_for(std::string_view text) const {
    constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
    return text.size() <= most - data_.size();
  }
  sosie_texts view() const {
    return {static_cast<std::int64_t>(offsets_.size() - 1), 0, nullptr, offsets_.data(),
            reinterpret_cast<const std::uint8_t*>(data_.data())};
  }

 private:
  std::string data_;
  std::vector<std::int32_t> offsets_;
};

bool is_there(const std::uint8_t* validity, std::int64_t at) {
  return validity == nullptr || (validity[at / 8] >> (at % 8) & 1) != 0;
}

std::optional<std::string_view> text_at(const sosie_texts* texts, std::int64_t i) {
  if (texts == nullptr) return std::nullopt;
  const std::int64_t at = texts->first + i;
  if (!is_there(texts->validity, at)) return std::nullopt;
  const std::int32_t begin = texts->offsets[at];
  const auto size = static_cast<std::size_t>(texts->offsets[at + 1] - begin);
  // Of an empty array Arrow may leave the bytes out.
  if (size == 0) return std::string_view("");
  return std::string_view(reinterpret_cast<const char*>(texts->data) + begin, size);
}

std::optional<sosie::Timestamp> time_at(const sosie_times* times, std::int64_t i) {
  if (times == nullptr || !is_there(times->validity, times->first + i)) return std::nullopt;
  return sosie::Timestamp(sosie::Duration(times->values[times->first + i]));
}

char* copy_of(const std::string& text) {
  char* const copy = new char[text.size() + 1];
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

}  // namespace

struct sosie_shard {
  explicit sosie_shard(sosie::Shard made) : shard(std::move(made)) {}

  std::int32_t failed(std::string why) {
    error = std::move(why);
    return -1;
  }

  /// Of what the shard has said. False: more than 32 bits can count.
  bool gather() {
    for (const auto& event : shard.events()) {
      if (!events.has_room_for(event)) return false;
      events.add(event);
    }
    for (const auto& refused : shard.refused()) {
      if (!reasons.has_room_for(refused.reason)) return false;
      rows.push_back(static_cast<std::int64_t>(refused.message));
      reasons.add(refused.reason);
    }
    return true;
  }

  sosie::Shard shard;
  Texts events;
  Texts reasons;
  std::vector<std::int64_t> rows;
  std::string state;
  std::string error;
};

extern "C" {

std::int32_t sosie_api_version(void) {
  return SOSIE_API_VERSION;
}

const char* sosie_version(void) {
  return SOSIE_VERSION;
}

sosie_shard* sosie_open(const char* scenario_file, const char* source, std::int32_t only_one,
                        char** why) {
  using Part = sosie::Shard::Part;
  auto made = sosie::Shard::open(scenario_file, source == nullptr ? "" : source,
                                 only_one != 0 ? Part::the_only_one : Part::one_of_many);
  if (made) return new sosie_shard(std::move(made).value());
  if (why != nullptr) *why = copy_of(made.error().what);
  return nullptr;
}

void sosie_close(sosie_shard* shard) {
  delete shard;
}

void sosie_free(char* text) {
  delete[] text;
}

std::int32_t sosie_take(sosie_shard* shard, const sosie_texts* values, const sosie_texts* keys,
                        const sosie_times* times) {
  if (values == nullptr) return shard->failed("there are no values");
  if ((keys != nullptr && keys->count != values->count) ||
      (times != nullptr && times->count != values->count)) {
    return shard->failed("values, keys and times differ in number");
  }
  shard->shard.forget_output();
  shard->events.clear();
  shard->reasons.clear();
  shard->rows.clear();
  for (std::int64_t i = 0; i < values->count; ++i) {
    shard->shard.take({text_at(keys, i), text_at(values, i), time_at(times, i)});
  }
  shard->shard.settle();
  return shard->gather() ? 0 : shard->failed("more than 2 GiB of events; bring fewer messages");
}

sosie_texts sosie_events(const sosie_shard* shard) {
  return shard->events.view();
}

sosie_texts sosie_reasons(const sosie_shard* shard) {
  return shard->reasons.view();
}

const std::int64_t* sosie_refused_rows(const sosie_shard* shard) {
  return shard->rows.data();
}

sosie_counts sosie_count(const sosie_shard* shard) {
  const auto& counts = shard->shard.counts();
  return {counts.messages,
          counts.readings,
          counts.messages_refused,
          counts.readings_refused,
          counts.late,
          counts.too_late,
          counts.events};
}

std::int64_t sosie_save(sosie_shard* shard, const std::uint8_t** state) {
  shard->state = shard->shard.save();
  *state = reinterpret_cast<const std::uint8_t*>(shard->state.data());
  return static_cast<std::int64_t>(shard->state.size());
}

std::int32_t sosie_load(sosie_shard* shard, const std::uint8_t* state, std::int64_t size) {
  const auto loaded =
      shard->shard.load({reinterpret_cast<const char*>(state), static_cast<std::size_t>(size)});
  return loaded ? 0 : shard->failed(loaded.error().what);
}

const char* sosie_error(const sosie_shard* shard) {
  return shard->error.c_str();
}

}  // extern "C"
