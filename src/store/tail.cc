#include "store/tail.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "store/quality_code.h"

namespace sosie {
namespace {

struct TailHead {
  std::uint32_t size = 0;
  std::uint32_t capacity = 0;
};

constexpr std::size_t bytes_a_reading = sizeof(std::int64_t) + sizeof(double) + 1;
constexpr std::size_t fewest_room = 2;

template <class T>
T load_from(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void save_to(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

/// Where the columns of a block begin.
template <class Byte>
struct TailColumns {
  Byte* times;
  Byte* values;
  Byte* codes;

  TailColumns(Byte* block, std::size_t capacity)
      : times(block + sizeof(TailHead)),
        values(times + capacity * sizeof(std::int64_t)),
        codes(values + capacity * sizeof(double)) {}
};

}  // namespace

std::size_t Tail::size() const {
  return block_ == nullptr ? 0 : load_from<TailHead>(block_.get()).size;
}

std::size_t Tail::capacity() const {
  return block_ == nullptr ? 0 : load_from<TailHead>(block_.get()).capacity;
}

Timestamp Tail::time(std::size_t i) const {
  assert(i < size());
  const TailColumns<const std::byte> columns(block_.get(), capacity());
  return Timestamp(Duration(load_from<std::int64_t>(columns.times + i * sizeof(std::int64_t))));
}

void Tail::make_room(std::size_t capacity) {
  const std::size_t count = size();
  auto block = std::make_unique<std::byte[]>(sizeof(TailHead) + capacity * bytes_a_reading);
  save_to(block.get(),
          TailHead{static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(capacity)});
  if (count > 0) {
    const TailColumns<const std::byte> from(block_.get(), this->capacity());
    const TailColumns<std::byte> to(block.get(), capacity);
    std::memcpy(to.times, from.times, count * sizeof(std::int64_t));
    std::memcpy(to.values, from.values, count * sizeof(double));
    std::memcpy(to.codes, from.codes, count);
  }
  block_ = std::move(block);
}

void Tail::append(std::span<const Reading> more) {
  if (more.empty()) return;
  std::size_t count = size();
  assert(count == 0 || newest() < more.front().at);
  const std::size_t wanted = count + more.size();
  if (wanted > capacity()) make_room(std::max({wanted, capacity() + capacity() / 2, fewest_room}));
  const TailColumns<std::byte> columns(block_.get(), capacity());
  for (const auto& reading : more) {
    save_to(columns.times + count * sizeof(std::int64_t), reading.at.time_since_epoch().count());
    save_to(columns.values + count * sizeof(double), reading.value);
    save_to(columns.codes + count, quality_code(reading));
    ++count;
  }
  save_to(block_.get(),
          TailHead{static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(capacity())});
}

void Tail::assign(std::span<const Reading> readings) {
  block_.reset();
  if (readings.empty()) return;
  make_room(readings.size());
  append(readings);
}

void Tail::copy_to(SeriesId series, std::vector<Reading>& out) const {
  const std::size_t count = size();
  if (count == 0) return;
  const TailColumns<const std::byte> columns(block_.get(), capacity());
  for (std::size_t i = 0; i < count; ++i) {
    Reading reading{.at = time(i),
                    .value = load_from<double>(columns.values + i * sizeof(double)),
                    .series = series};
    set_quality(reading, load_from<std::uint8_t>(columns.codes + i));
    out.push_back(reading);
  }
}

}  // namespace sosie
