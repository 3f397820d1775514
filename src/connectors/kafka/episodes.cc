#include "connectors/kafka/episodes.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "connectors/kafka/shares.h"
#include "wire/json/value.h"
#include "wire/json/writer.h"
#include "wire/kafka/table.h"

namespace sosie::kafka {
namespace {

constexpr auto write_patience = std::chrono::seconds(8);

std::int64_t micros(Timestamp at) {
  return at.time_since_epoch().count();
}

struct RecordKey {
  std::uint64_t id = 0;
  std::uint64_t term = 0;
  auto operator<=>(const RecordKey&) const = default;
};

/// One without a term is of an earlier version.
std::optional<RecordKey> key_from(std::string_view text) {
  const auto read = [](std::string_view digits, int base) -> std::optional<std::uint64_t> {
    std::uint64_t number = 0;
    const auto [end, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
  };
  const auto slash = text.find('/');
  const auto id = read(text.substr(0, slash), 16);
  const auto term = slash == std::string_view::npos ? std::optional<std::uint64_t>(0)
                                                    : read(text.substr(slash + 1), 10);
  return id && term ? std::optional(RecordKey{*id, *term}) : std::nullopt;
}

/// A group's episode is its worker's own: groups are judged where all of their devices are.
bool is_of_device(const RuleEpisode& episode, const SeriesInfo& info) {
  return episode.subject == info.entity || episode.subject == info.name();
}

}  // namespace

std::string record_key(std::uint64_t id, std::uint64_t term) {
  return fmt::format("{}/{}", episode_text(id), term);
}

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
  const auto known_by = key_from(key);
  record.part = word("part");
  record.rule = word("rule");
  record.subject = word("subject");
  record.entity = word("entity");
  record.attribute = word("attribute");
  const auto onset = time("onset_us");
  const auto detected = time("detected_us");
  if (!is_whole || !known_by || !onset || !detected) {
    return Error{Errc::invalid,
                 "is no episode: part, rule, subject, entity, attribute, onset_us "
                 "and detected_us are expected"};
  }
  record.id = (*known_by).id;
  record.term = (*known_by).term;
  record.onset = *onset;
  record.detected = *detected;
  record.closed = time("closed_us");
  const auto* const value = tree.find("value");
  record.value = value == nullptr ? 0 : value->number().value_or(0);
  return record;
}

std::vector<EpisodeRecord> choose_records(std::vector<EpisodeRecord> records, std::uint64_t told,
                                          std::vector<EpisodeRecord>& stale) {
  std::ranges::sort(records, [](const EpisodeRecord& a, const EpisodeRecord& b) {
    return std::tie(a.id, b.term) < std::tie(b.id, a.term);
  });
  std::vector<EpisodeRecord> chosen;
  for (auto& record : records) {
    const bool is_known = !chosen.empty() && chosen.back().id == record.id;
    auto& to = record.term < told || is_known ? stale : chosen;
    to.push_back(std::move(record));
  }
  return chosen;
}

Result<void> EpisodeTopic::open() const {
  return is_on() ? make_table(config_, topic_) : Result<void>();
}

void EpisodeTopic::found(std::span<const Handover> handovers, std::span<const FindingEvent> events,
                         const SeriesTable& series) {
  if (!is_on()) return;
  const auto moves = moves_ + static_cast<std::uint64_t>(std::ranges::count_if(handovers, is_move));
  std::vector<Found> mine;
  for (const FindingEvent& event : events) {
    const Finding& finding = event.finding;
    if (!finding.episode || finding.suspects.empty()) continue;
    const SeriesId id = finding.suspects.front().series;
    const SeriesInfo& info = series[id];
    const RuleEpisode& episode = *finding.episode;
    if (!is_of_device(episode, info)) continue;
    mine.push_back({finding.id, id, event.what == FindingEvent::What::given_up, moves,
                    EpisodeRecord{episode.id,
                                  0,
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
  moves_ = moves;
}

Result<void> EpisodeTopic::put(std::string_view key, const std::optional<std::string>& text,
                               const std::stop_token& stop) {
  if (!producer_) producer_ = TRY(Producer::create(config_, write_patience));
  Producer::Outgoing message;
  message.topic = topic_;
  message.key = key;
  if (text) message.payload = *text;
  return producer_->send(message, stop);
}

/// What stands of it in the topic, except in the term `but`.
Result<void> EpisodeTopic::remove(std::uint64_t id, std::optional<std::uint64_t> but,
                                  const std::stop_token& stop) {
  const auto there = terms_.find(id);
  if (there == terms_.end()) return {};
  auto& terms = there->second;
  for (auto term = terms.begin(); term != terms.end();) {
    if (*term == but) {
      ++term;
      continue;
    }
    TRY(put(record_key(id, *term), std::nullopt, stop));
    term = terms.erase(term);
  }
  if (terms.empty()) terms_.erase(there);
  return {};
}

Result<void> EpisodeTopic::write(const std::vector<Found>& found, const OwnerOf& owner_of,
                                 const std::stop_token& stop) {
  for (const Found& one : found) {
    EpisodeRecord record = one.record;
    if (one.is_given_up) {
      written_.erase(one.finding);
      continue;
    }
    const Owner owner = owner_of(one.series);
    // What was found before the part came (again) is of an owner that may have been replaced
    // meanwhile: it is found anew in the part's past.
    if (owner.part.empty() || one.moves < owner.came) continue;
    record.part = owner.part;
    record.term = owner.term;
    const auto [known, is_new] = written_.try_emplace(one.finding, record.id);
    const auto former = std::exchange(known->second, record.id);
    if (!is_new && former != record.id) {
      TRY(remove(former, std::nullopt, stop));
    }
    TRY(put(record_key(record.id, record.term), record_text(record), stop));
    terms_[record.id].insert(record.term);
    TRY(remove(record.id, record.term, stop));
    ends_.erase(record.id);
    if (!record.closed) continue;
    newest_ = std::max(newest_, *record.closed);
    bury(record);
    written_.erase(one.finding);
  }
  return {};
}

std::vector<EpisodeRecord> EpisodeTopic::take_over(std::vector<EpisodeRecord> records,
                                                   std::uint64_t told) {
  auto chosen = choose_records(std::move(records), told, stale_);
  for (const auto& record : chosen) {
    terms_[record.id].insert(record.term);
    if (record.closed) bury(record);
  }
  return chosen;
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
    TRY(remove(id, std::nullopt, stop));
    ends_.erase(last);
  }
  return {};
}

Result<void> EpisodeTopic::publish(const OwnerOf& owner_of, Duration keep,
                                   const std::stop_token& stop) {
  auto found = found_.with([](auto& waiting) { return std::exchange(waiting, {}); });
  unwritten_.insert(unwritten_.end(), std::move_iterator(found.begin()),
                    std::move_iterator(found.end()));
  if (unwritten_.empty() && stale_.empty()) return {};
  const auto write_all = [&]() -> Result<void> {
    for (const auto& record : stale_) {
      TRY(put(record_key(record.id, record.term), std::nullopt, stop));
    }
    TRY(write(unwritten_, owner_of, stop));
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
  stale_.clear();
  return {};
}

Result<std::map<std::string, std::vector<EpisodeRecord>>> EpisodeTopic::read(
    const std::stop_token& stop) {
  std::map<RecordKey, EpisodeRecord> records;
  std::size_t strange = 0;
  TRY(read_table(config_, topic_, stop,
                 [&](std::string_view key, std::optional<std::string_view> payload) {
                   const auto known_by = key_from(key);
                   if (known_by && !payload) records.erase(*known_by);
                   if (!payload) return;
                   auto record = record_from(key, *payload);
                   if (!record) {
                     ++strange;
                     return;
                   }
                   records.insert_or_assign(*known_by, std::move(record).value());
                 }));
  if (strange > 0) {
    log::warning("kafka", "{}: {} messages are no episodes, and are passed over", topic_, strange);
  }
  std::map<std::string, std::vector<EpisodeRecord>> by_part;
  for (auto& [known_by, record] : records) {
    auto& of_part = by_part[record.part];
    of_part.push_back(std::move(record));
  }
  return by_part;
}

}  // namespace sosie::kafka
