#include "store/alarm_rows.h"

#include <algorithm>

#include "store/enum_text.h"

namespace sosie {
namespace {

/// Of _alarm and of _alarm_log alike.
constexpr std::string_view alarm_columns =
    "id, condition, asset, series, finding, priority, message_en, message_fr, raised, cleared, "
    "acknowledged, acknowledged_by, comment, shelved_until, episode";
constexpr int alarm_column_count = 15;

void bind_alarm(Statement& statement, const Alarm& alarm) {
  statement.bind(alarm.id, alarm.condition, alarm.asset, alarm.series, alarm.finding,
                 to_text(alarm.priority), alarm.message.en, alarm.message.fr, alarm.raised,
                 alarm.cleared, alarm.acknowledged, alarm.acknowledged_by, alarm.comment,
                 alarm.shelved_until, alarm.episode);
}

Alarm alarm_of(const Statement& row) {
  Alarm alarm;
  alarm.id = static_cast<std::uint64_t>(row.integer(0));
  alarm.condition = row.text(1);
  alarm.asset = row.text(2);
  if (!row.is_null(3)) alarm.series = SeriesId{static_cast<std::uint32_t>(row.integer(3))};
  alarm.finding = static_cast<std::uint64_t>(row.integer(4));
  alarm.priority = priority_from_text(row.bytes(5)).value_or(Priority::medium);
  alarm.message = {row.text(6), row.text(7)};
  alarm.raised = row.time(8);
  alarm.cleared = row.maybe_time(9);
  alarm.acknowledged = row.maybe_time(10);
  alarm.acknowledged_by = row.text(11);
  alarm.comment = row.text(12);
  alarm.shelved_until = row.maybe_time(13);
  alarm.episode = static_cast<std::uint64_t>(row.integer(14));
  return alarm;
}

/// A row of alarm_columns, number, what, at, who, said.
LoggedAlarmEvent event_of(const Statement& row) {
  using What = AlarmEvent::What;
  LoggedAlarmEvent logged;
  logged.number = static_cast<std::uint64_t>(row.integer(alarm_column_count));
  logged.event.alarm = alarm_of(row);
  logged.event.what =
      enum_from_text(row.bytes(alarm_column_count + 1), What::raised, What::given_up)
          .value_or(What::changed);
  logged.event.at = row.time(alarm_column_count + 2);
  logged.event.who = row.text(alarm_column_count + 3);
  logged.event.comment = row.text(alarm_column_count + 4);
  return logged;
}

Result<Statement> select_log(Database& database, std::string_view where) {
  return database.statement(fmt::format("SELECT {}, number, what, at, who, said FROM _alarm_log {}",
                                        alarm_columns, where));
}

std::size_t bounded(std::size_t limit) {
  return std::min<std::size_t>(limit, INT32_MAX);
}

}  // namespace

Result<void> save_alarm_event(Database& database, const AlarmEvent& event) {
  auto save = TRY(database.statement(fmt::format(
      "INSERT OR REPLACE INTO _alarm ({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", alarm_columns)));
  bind_alarm(save, event.alarm);
  TRY(save.run());
  auto log =
      TRY(database.statement(fmt::format("INSERT INTO _alarm_log ({}, what, at, who, said) "
                                         "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                                         alarm_columns)));
  bind_alarm(log, event.alarm);
  return log.bind(to_text(event.what), event.at, event.who, event.comment).run();
}

Result<std::vector<Alarm>> find_live_alarms(Database& database) {
  auto row = TRY(database.statement(
      fmt::format("SELECT {} FROM _alarm WHERE cleared IS NULL OR acknowledged IS NULL "
                  "OR shelved_until IS NOT NULL",
                  alarm_columns)));
  std::vector<Alarm> alarms;
  while ([[maybe_unused]] const bool more = TRY(row.step())) alarms.push_back(alarm_of(row));
  std::ranges::sort(alarms, [](const Alarm& a, const Alarm& b) {
    if (a.priority != b.priority) return a.priority < b.priority;
    return a.raised != b.raised ? a.raised > b.raised : a.id > b.id;
  });
  return alarms;
}

Result<std::optional<Alarm>> find_alarm(Database& database, std::uint64_t id) {
  auto row =
      TRY(database.statement(fmt::format("SELECT {} FROM _alarm WHERE id = ?", alarm_columns)));
  const bool found = TRY(row.bind(id).step());
  return found ? std::optional(alarm_of(row)) : std::nullopt;
}

Result<std::vector<AlarmEvent>> find_alarm_log(Database& database, Timestamp from, Timestamp to,
                                               std::size_t limit) {
  auto row =
      TRY(select_log(database, "WHERE at >= ? AND at < ? ORDER BY at DESC, number DESC LIMIT ?"));
  row.bind(from, to, bounded(limit));
  std::vector<AlarmEvent> events;
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    events.push_back(event_of(row).event);
  }
  return events;
}

Result<std::vector<LoggedAlarmEvent>> find_alarm_events_after(Database& database,
                                                              std::uint64_t cursor,
                                                              std::size_t limit, Steps whose) {
  const auto ours = fmt::format(
      "AND NOT EXISTS (SELECT 1 FROM _alarm_log AS later WHERE later.id = _alarm_log.id AND "
      "later.number {} _alarm_log.number AND later.what = 'given_up') ",
      whose == Steps::of_ours ? ">=" : ">");
  auto row = TRY(select_log(database, fmt::format("WHERE number > ? {}ORDER BY number LIMIT ?",
                                                  whose == Steps::all ? "" : ours)));
  row.bind(cursor, bounded(limit));
  std::vector<LoggedAlarmEvent> events;
  while ([[maybe_unused]] const bool more = TRY(row.step())) events.push_back(event_of(row));
  return events;
}

Result<std::vector<AlarmSpan>> find_alarm_spans(Database& database, Timestamp from, Timestamp to) {
  auto row = TRY(database.statement(
      "SELECT series, raised, cleared FROM _alarm WHERE series IS NOT NULL AND raised < ? AND "
      "(cleared IS NULL OR cleared > ?)"));
  row.bind(to, from);
  std::vector<AlarmSpan> spans;
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    const SeriesId series{static_cast<std::uint32_t>(row.integer(0))};
    spans.push_back({series, row.time(1), row.maybe_time(2).value_or(Timestamp::max())});
  }
  return spans;
}

}  // namespace sosie
