#include "connectors/kafka/episodes.h"

#include <charconv>
#include <utility>

#include "base/log.h"
#include "wire/json/value.h"
#include "wire/json/writer.h"
#include "wire/kafka/table.h"

namespace sosie::kafka {
namespace {

constexpr auto write_patience = std::chrono::seconds(8);

std::int64_t micros(Timestamp at) {
  return at.time_since_epoch().count();
}

std::optional<std::uint64_t> id_from(std::string_view key) {
  std::uint64_t id = 0;
  const auto [end, failed] = std::from_chars(key.data(), key.data() + key.size(), id, 16);
  if (failed != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return id;
}

/// A group's episode is its worker's own: groups are judged where all of their devices are.
bool is_of_device(const RuleEpisode& episode, const SeriesInfo& info) {
  return episode.subject == info.entity || episode.subject == info.name();
}

}  // namespace

std::string record_text(const EpisodeRecord& record) {
  json::Writer out;
  out.begin_object();
  out.member("part", record.part);
  out.member("rule", record.rule);
  out.member("subject", record.subject);
  out.member("entity", record.entity);
  out.member("attribute", record.attribute);
  out.member("value", record.value);
  out.member("onset_us", micros(record.onset));
  out.member("detected_us", micros(record.detected));
  if (record.closed) out.member("closed_us", micros(*record.closed));
  out.end_object();
  return out.take();
}

Result<EpisodeRecord> record_from(std::string_view key, std::string_view text) {
  const auto tree = TRY(json::parse(text));
  bool is_whole = tree.object() != nullptr;
  const auto word = [&](std::string_view name) -> std::string {
    const auto* const found = tree.find(name);
    if (found != nullptr && found->text() != nullptr) return *found->text();
    is_whole = false;
    return {};
  };
  const auto time = [&](std::string_view name) -> std::optional<Timestamp> {
    const auto* const found = tree.find(name);
    const auto* const us = found == nullptr ? nullptr : std::get_if<std::int64_t>(&found->value);
    return us == nullptr ? std::nullopt : std::optional(Timestamp(Duration(*us)));
  };
  EpisodeRecord record;
  const auto id = id_from(key);
  record.part = word("part");
  record.rule = word("rule");
  record.subject = word("subject");
  record.entity = word("entity");
  record.attribute = word("attribute");
  const auto onset = time("onset_us");
  const auto detected = time("detected_us");
  if (!is_whole || !id || !onset || !detected) {
    return Error{Errc::invalid,
                 "is no episode: part, rule, subject, entity, attribute, onset_us "
                 "and detected_us are expected"};
  }
  record.id = *id;
  record.onset = *onset;
  record.detected = *detected;
  record.closed = time("closed_us");
  const auto* const value = tree.find("value");
  record.value = value == nullptr ? 0 : value->number().value_or(0);
  return record;
}

Result<void> EpisodeTopic::open() const {
  return is_on() ? make_table(config_, topic_) : Result<void>();
}

void EpisodeTopic::found(std::span<const FindingEvent> events, const SeriesTable& series) {
  if (!is_on()) return;
  std::vector<Found> mine;
  for (const FindingEvent& event : events) {
    const Finding& finding = event.finding;
    if (!finding.episode || finding.suspects.empty()) continue;
    const SeriesId id = finding.suspects.front().series;
    const SeriesInfo& info = series[id];
    const RuleEpisode& episode = *finding.episode;
    if (!is_of_device(episode, info)) continue;
    mine.push_back({finding.id, id, event.what == FindingEvent::What::given_up,
                    EpisodeRecord{episode.id,
                                  {},
                                  episode.rule,
                                  episode.subject,
                                  info.entity,
                                  info.attribute,
                                  finding.suspects.front().value,
                                  finding.onset,
                                  finding.detected,
                                  finding.closed}});
  }
  found_.with([&](auto& found) {
    found.insert(found.end(), std::move_iterator(mine.begin()), std::move_iterator(mine.end()));
  });
}

Result<void> EpisodeTopic::put(std::uint64_t id, const std::optional<std::string>& text,
                               const std::stop_token& stop) {
  if (!producer_) producer_ = TRY(Producer::create(config_, write_patience));
  const auto key = episode_text(id);
  Producer::Outgoing message;
  message.topic = topic_;
  message.key = key;
  if (text) message.payload = *text;
  return producer_->send(message, stop);
}

Result<void> EpisodeTopic::write(const std::vector<Found>& found, const PartOf& part_of,
                                 const std::stop_token& stop) {
  for (const Found& one : found) {
    EpisodeRecord record = one.record;
    if (one.is_given_up) {
      written_.erase(one.finding);
      continue;
    }
    record.part = part_of(one.series);
    if (record.part.empty()) continue;
    const auto [known, is_new] = written_.try_emplace(one.finding, record.id);
    const auto former = std::exchange(known->second, record.id);
    if (!is_new && former != record.id) {
      TRY(put(former, std::nullopt, stop));
    }
    TRY(put(record.id, record_text(record), stop));
    ends_.erase(record.id);
    if (!record.closed) continue;
    newest_ = std::max(newest_, *record.closed);
    bury(record);
    written_.erase(one.finding);
  }
  return {};
}

void EpisodeTopic::bury(const EpisodeRecord& record) {
  over_.emplace(*record.closed, record.id);
  ends_.insert_or_assign(record.id, *record.closed);
}

Result<void> EpisodeTopic::delete_old(Timestamp before, const std::stop_token& stop) {
  for (; !over_.empty() && over_.begin()->first < before; over_.erase(over_.begin())) {
    const auto [end, id] = *over_.begin();
    const auto last = ends_.find(id);
    if (last == ends_.end() || last->second != end) continue;  // a late reading has moved its end
    TRY(put(id, std::nullopt, stop));
    ends_.erase(last);
  }
  return {};
}

Result<void> EpisodeTopic::publish(const PartOf& part_of, Duration keep,
                                   const std::stop_token& stop) {
  auto found = found_.with([](auto& waiting) { return std::exchange(waiting, {}); });
  unwritten_.insert(unwritten_.end(), std::move_iterator(found.begin()),
                    std::move_iterator(found.end()));
  if (unwritten_.empty()) return {};
  const auto write_all = [&]() -> Result<void> {
    TRY(write(unwritten_, part_of, stop));
    TRY(delete_old(newest_ - keep, stop));
    const auto failed =
        TRY(producer_ ? producer_->flush(stop, write_patience)
                      : Result<std::vector<Producer::Failure>>(std::vector<Producer::Failure>()));
    return failed.empty() ? Result<void>() : Error{Errc::unavailable, failed.front().reason};
  };
  auto written = write_all();
  if (!written) {
    producer_.reset();
    return std::move(written).error().in(topic_);
  }
  unwritten_.clear();
  return {};
}

Result<std::map<std::string, std::vector<EpisodeRecord>>> EpisodeTopic::read(
    const std::stop_token& stop) {
  std::unordered_map<std::uint64_t, EpisodeRecord> records;
  std::size_t strange = 0;
  TRY(read_table(config_, topic_, stop,
                 [&](std::string_view key, std::optional<std::string_view> payload) {
                   const auto id = id_from(key);
                   if (id && !payload) records.erase(*id);
                   if (!payload) return;
                   auto record = record_from(key, *payload);
                   if (!record) {
                     ++strange;
                     return;
                   }
                   const auto number = record->id;
                   records.insert_or_assign(number, std::move(record).value());
                 }));
  if (strange > 0) {
    log::warning("kafka", "{}: {} messages are no episodes, and are passed over", topic_, strange);
  }
  std::map<std::string, std::vector<EpisodeRecord>> by_part;
  for (auto& [id, record] : records) {
    auto& of_part = by_part[record.part];
    of_part.push_back(std::move(record));
  }
  return by_part;
}

}  // namespace sosie::kafka
