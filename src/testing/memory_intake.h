#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/time_text.h"
#include "core/series.h"
#include "core/source.h"

namespace sosie::testing {

/// An intake that keeps in memory what it is given, for tests of sources and endpoints.
///
/// Threads: as Intake; the public members are set before and read after the threads that use it.
class MemoryIntake final : public Intake {
 public:
  explicit MemoryIntake(Timestamp now = Timestamp(std::chrono::hours(24 * 20000))) : clock_(now) {}

  Result<SeriesId> series(std::string_view entity, std::string_view attribute) override {
    const auto known =
        attribute.empty() ? table.find_entity(entity) : table.find(entity, attribute);
    if (known) return *known;
    if (!declares)
      return Error{Errc::not_found, fmt::format("no series '{}.{}'", entity, attribute)};
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute.empty() ? "value" : attribute;
    return declare(info);
  }
  SeriesId declare(const SeriesInfo& info) override { return table.declare(info); }

  Admission put(std::span<const Reading> batch, std::string_view source) override {
    const std::scoped_lock lock(mutex_);
    sources.emplace_back(source);
    readings.insert(readings.end(), batch.begin(), batch.end());
    return {Ticket{sources.size()}, batch.size(), 0, {}};
  }
  Result<Admission> try_put(std::span<const Reading> batch, std::string_view source) override {
    if (is_full) return Error{Errc::unavailable, "full"};
    return put(batch, source);
  }
  bool wait_durable(Ticket /*ticket*/, Duration /*patience*/) override {
    const std::scoped_lock lock(mutex_);
    ++waits;
    return is_durable;
  }
  std::optional<Error> trouble() const override { return in_trouble; }
  void refuse(Refusal refusal) override {
    const std::scoped_lock lock(mutex_);
    refusals.push_back(std::move(refusal));
  }
  void remember(std::string_view key, std::string bytes) override {
    const std::scoped_lock lock(mutex_);
    remembered[std::string(key)] = std::move(bytes);
  }
  std::optional<std::string> recall(std::string_view key) override {
    const std::scoped_lock lock(mutex_);
    const auto found = remembered.find(std::string(key));
    if (found == remembered.end()) return std::nullopt;
    return found->second;
  }
  Clock& clock() override { return clock_; }

  /// "AIT-1.ph=7.1 @2024-10-04T00:00:00Z", one a reading; what is not good says so.
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const auto& r : readings) {
      const auto& info = table[r.series];
      all.push_back(fmt::format("{}.{}={} @{}{}{}", info.entity, info.attribute, r.value,
                                to_iso8601(r.at), r.quality == Quality::good ? "" : " ",
                                r.quality == Quality::good ? "" : to_text(r.quality)));
    }
    return all;
  }

  SeriesTable table;
  bool declares = true;             ///< whether a series that is not known is added
  std::optional<Error> in_trouble;  ///< what trouble answers
  bool is_full = false;             ///< whether try_put has to be asked again later
  bool is_durable = true;           ///< what wait_durable answers
  std::vector<Reading> readings;
  std::vector<Refusal> refusals;
  std::vector<std::string> sources;  ///< of each batch
  std::map<std::string, std::string> remembered;
  std::size_t waits = 0;

 private:
  mutable std::mutex mutex_;
  ManualClock clock_;
};

}  // namespace sosie::testing
