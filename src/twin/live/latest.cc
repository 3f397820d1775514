#include "twin/live/latest.h"

namespace sosie {

Latest::Block& Latest::block_for_writing(std::size_t index) {
  auto& slot = blocks_.at(index);
  Block* block = slot.load(std::memory_order_acquire);
  if (block != nullptr) return *block;
  auto made = std::make_unique<Block>();
  if (slot.compare_exchange_strong(block, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *block;  // another lane was first
}

Latest::Put Latest::put(const Reading& reading) {
  const std::size_t index = reading.series.index;
  Cell& cell = block_for_writing(index / block_size)[index % block_size];
  const auto at = reading.at.time_since_epoch().count();
  const auto version = cell.version.load(std::memory_order_relaxed);
  const auto known = cell.at.load(std::memory_order_relaxed);
  if (version != 0 && at < known) return Put::late;
  cell.version.store(version + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  cell.at.store(at, std::memory_order_relaxed);
  cell.value.store(reading.value, std::memory_order_relaxed);
  cell.quality.store(static_cast<std::uint32_t>(reading.quality) |
                         (static_cast<std::uint32_t>(reading.reason) << 8U),
                     std::memory_order_relaxed);
  cell.version.store(version + 2, std::memory_order_release);
  return version != 0 && at == known ? Put::as_old : Put::younger;
}

std::optional<Reading> Latest::read(SeriesId series) const {
  if (series.index >= block_size * block_count) return std::nullopt;
  const Block* block = blocks_.at(series.index / block_size).load(std::memory_order_acquire);
  if (block == nullptr) return std::nullopt;
  const Cell& cell = (*block)[series.index % block_size];
  for (;;) {
    const auto before = cell.version.load(std::memory_order_acquire);
    if (before == 0) return std::nullopt;
    if ((before & 1U) != 0) continue;
    Reading reading;
    reading.series = series;
    reading.at = Timestamp(Duration(cell.at.load(std::memory_order_relaxed)));
    reading.value = cell.value.load(std::memory_order_relaxed);
    const auto quality = cell.quality.load(std::memory_order_relaxed);
    reading.quality = static_cast<Quality>(quality & 0xFFU);
    reading.reason = static_cast<QualityReason>(quality >> 8U);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (cell.version.load(std::memory_order_relaxed) == before) return reading;
  }
}

}  // namespace sosie
