#include "engine/door.h"

#include "base/log.h"
#include "base/text.h"
#include "core/sift.h"

namespace sosie {
namespace {

constexpr std::size_t sample_size = 500;
}  // namespace

Result<SeriesId> Door::series(std::string_view entity, std::string_view attribute) {
  const auto known = attribute.empty() ? context_.series.find_entity(entity)
                                       : context_.series.find(entity, attribute);
  if (known) return *known;
  if (entity.empty()) return Error{Errc::invalid, "the entity's name is empty"};
  if (context_.declare_unknown) {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute.empty() ? "value" : attribute;
    info.asset = context_.asset;
    return declare(info);
  }
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < context_.series.size(); ++i) {
    const SeriesInfo& info = context_.series[SeriesId{i}];
    names.push_back(attribute.empty() ? info.entity : info.name());
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  SeriesInfo asked;
  asked.entity = entity;
  asked.attribute = attribute.empty() ? "value" : attribute;
  auto what = fmt::format("no series '{}'", asked.name());
  if (const auto near = nearest(asked.name(), views))
    what += fmt::format("; did you mean '{}'?", *near);
  return Error{Errc::not_found, std::move(what)};
}

SeriesId Door::declare(const SeriesInfo& info) {
  SeriesInfo owned = info;
  if (owned.asset.empty()) owned.asset = context_.asset;
  if (context_.descriptions != nullptr) context_.descriptions->complete(owned);
  return context_.series.declare(owned);
}

Parcel Door::check(std::span<const Reading> readings, std::string_view source,
                   Admission& said) const {
  Parcel parcel;
  parcel.readings.assign(readings.begin(), readings.end());
  parcel.refusals = sift(parcel.readings, source, context_.series, newest_credible());
  said.refused = parcel.refusals.size();
  if (said.refused > 0) said.reason = parcel.refusals.front().reason;
  said.taken = parcel.readings.size();
  return parcel;
}

void Door::count(const Admission& said) {
  taken_ += said.taken;
  refused_ += said.refused;
  context_.statistics.readings_taken += said.taken;
  context_.statistics.readings_refused += said.refused;
}

/// Waits for room in the lane.
Admission Door::pass(Parcel parcel, Admission said) {
  said.ticket.number = context_.lane.put(parcel, context_.stop);
  if (said.ticket.number == 0) {
    return Admission{{}, 0, said.taken + said.refused, "the program is stopping"};
  }
  count(said);
  return said;
}

Admission Door::put(std::span<const Reading> readings, std::string_view source) {
  Admission said;
  Parcel parcel = check(readings, source, said);
  return pass(std::move(parcel), std::move(said));
}

Admission Door::deliver(Delivery delivery, std::string_view source) {
  Admission said;
  Parcel parcel = check(delivery.readings, source, said);
  parcel.handovers = std::move(delivery.handovers);
  parcel.is_past = delivery.is_past;
  if (parcel.is_past) {  // counted where it was new
    parcel.refusals.clear();
    return {{context_.lane.put(parcel, context_.stop)}, 0, 0, ""};
  }
  for (auto& refusal : delivery.refusals) {
    if (refusal.sample.size() > sample_size) refusal.sample.resize(sample_size);
    parcel.refusals.push_back(std::move(refusal));
  }
  said.refused = parcel.refusals.size();
  if (said.refused > 0) said.reason = parcel.refusals.front().reason;
  parcel.remembered = std::move(delivery.remembered);
  return pass(std::move(parcel), std::move(said));
}

Result<Admission> Door::try_put(std::span<const Reading> readings, std::string_view source) {
  Admission said;
  Parcel parcel = check(readings, source, said);
  said.ticket.number = context_.lane.try_put(parcel);
  if (said.ticket.number == 0) {
    return Error{Errc::unavailable, "the engine is behind; send again in a second"};
  }
  count(said);
  return said;
}

bool Door::wait_durable(Ticket ticket, Duration patience) {
  return context_.durable.wait(ticket.number, patience);
}

void Door::refuse(Refusal refusal) {
  ++refused_;
  ++context_.statistics.readings_refused;
  if (refusal.sample.size() > sample_size) refusal.sample.resize(sample_size);
  Parcel parcel;
  parcel.refusals.push_back(std::move(refusal));
  context_.lane.put(parcel, context_.stop);
}

void Door::remember(std::string_view key, std::string bytes) {
  Parcel parcel;
  parcel.remembered.emplace_back(key, std::move(bytes));
  // Also while the program stops: a source's last word is what it goes on from. The lane takes it
  // as long as its queue is open, which is longer than any source lives.
  context_.lane.put(parcel, std::stop_token());
}

std::optional<std::string> Door::recall(std::string_view key) {
  auto kept = context_.store.recall(key);
  if (kept) return *kept;
  log::error("intake", "what was kept for {} cannot be read: {}", key, kept.error().what);
  return std::nullopt;
}

}  // namespace sosie
