#pragma once

#include <atomic>
#include <optional>
#include <stop_token>
#include <string>

#include "base/queue.h"
#include "core/source.h"
#include "engine/description.h"
#include "engine/durable_mark.h"
#include "engine/parcel.h"
#include "engine/statistics.h"
#include "store/store.h"

namespace sosie {

/// What all doors of one engine share.
struct DoorContext {
  SeriesTable& series;
  BoundedQueue<Parcel>& lane;
  DurableMark& durable;
  Clock& clock;
  Store& store;
  Statistics& statistics;
  std::stop_token stop;
  std::string asset;                           ///< of series that sources bring without saying
  bool declare_unknown = false;                ///< `[intake] unknown = "declare"`
  Duration future_limit;                       ///< a time further ahead of the clock is refused
  Duration looks_back{};                       ///< as Intake has it
  const Descriptions* descriptions = nullptr;  ///< none: of series nothing is known but names
};

/// One source's way in: checks, counts, and passes on.
class Door final : public Intake {
 public:
  explicit Door(const DoorContext& context) : context_(context) {}

  Result<SeriesId> series(std::string_view entity, std::string_view attribute) override;
  SeriesId declare(const SeriesInfo& info) override;
  Admission put(std::span<const Reading> readings, std::string_view source) override;
  Admission deliver(Delivery delivery, std::string_view source) override;
  Result<Admission> try_put(std::span<const Reading> readings, std::string_view source) override;
  bool wait_durable(Ticket ticket, Duration patience) override;
  std::optional<Error> trouble() const override { return context_.durable.trouble(); }
  void refuse(Refusal refusal) override;
  void remember(std::string_view key, std::string bytes) override;
  std::optional<std::string> recall(std::string_view key) override;
  Timestamp newest_credible() const override {
    return context_.clock.now() + context_.future_limit;
  }
  Duration looks_back() const override { return context_.looks_back; }
  Clock& clock() override { return context_.clock; }

  std::uint64_t taken() const { return taken_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  /// `readings` less those that can never be taken, which are counted and noted in `said`.
  Parcel check(std::span<const Reading> readings, std::string_view source, Admission& said) const;
  Admission pass(Parcel parcel, Admission said);
  void count(const Admission& said);

  const DoorContext& context_;
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace sosie
