#include "store/finding_rows.h"

#include "store/enum_text.h"

namespace sosie {
namespace {

constexpr std::string_view columns =
    "id, asset, kind, second, score, confidence, forest_score, onset, detected, closed, "
    "sentence_en, sentence_fr, episode, rule, subject, amended, withdrawn";

/// Each condition is there or not by its first parameter, so one statement serves every query.
constexpr std::string_view conditions =
    " FROM _finding WHERE (?1 IS NULL OR coalesce(closed, 9e18) >= ?1) AND (?2 IS NULL OR onset < "
    "?2) AND (?3 = 0 OR closed IS NULL) AND (?4 IS NULL OR kind = ?4) AND (?5 IS NULL OR id IN "
    "(SELECT finding FROM _suspect WHERE series = ?5))";

Result<void> save_suspects(Database& database, const Finding& finding) {
  auto forget = TRY(database.statement("DELETE FROM _suspect WHERE finding = ?"));
  TRY(forget.bind(finding.id).run());
  auto add = TRY(database.statement("INSERT INTO _suspect VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (std::size_t i = 0; i < finding.suspects.size(); ++i) {
    const Suspect& s = finding.suspects[i];
    TRY(add.bind(finding.id, i, s.series.index, s.share, s.contribution, s.value, s.expected, s.low,
                 s.high)
            .run());
  }
  return {};
}

Result<void> save_evidence(Database& database, const Finding& finding) {
  auto forget = TRY(database.statement("DELETE FROM _evidence WHERE finding = ?"));
  TRY(forget.bind(finding.id).run());
  auto add = TRY(database.statement("INSERT INTO _evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
  for (std::size_t i = 0; i < finding.evidence.size(); ++i) {
    const Evidence& e = finding.evidence[i];
    TRY(add.bind(finding.id, i, e.detector, to_text(e.kind), e.series, e.score, e.since,
                 e.active ? 1 : 0)
            .run());
  }
  return {};
}

Finding finding_of(const Statement& row) {
  Finding finding;
  finding.id = static_cast<std::uint64_t>(row.integer(0));
  finding.asset = row.text(1);
  finding.kind = kind_from_text(row.bytes(2)).value_or(Kind::unknown);
  finding.second = kind_from_text(row.bytes(3));
  finding.score = row.real(4);
  finding.confidence = row.real(5);
  finding.forest_score = row.real(6);
  finding.onset = row.time(7);
  finding.detected = row.time(8);
  finding.closed = row.maybe_time(9);
  finding.sentence = {row.text(10), row.text(11)};
  if (const auto episode = static_cast<std::uint64_t>(row.integer(12)); episode != 0) {
    finding.episode = {.id = episode,
                       .rule = row.text(13),
                       .subject = row.text(14),
                       .amended = static_cast<std::uint32_t>(row.integer(15)),
                       .withdrawn = row.integer(16) != 0};
  }
  return finding;
}

double real_or_nan(const Statement& row, int column) {
  return row.maybe_real(column).value_or(std::numeric_limits<double>::quiet_NaN());
}

SeriesId series_of(const Statement& row, int column) {
  return {static_cast<std::uint32_t>(row.integer(column))};
}

/// SQLite keeps NaN as NULL.
Result<void> load_parts(Database& database, Finding& finding) {
  auto suspect = TRY(database.statement(
      "SELECT series, share, contribution, value, expected, low, high FROM _suspect "
      "WHERE finding = ? ORDER BY rank"));
  suspect.bind(finding.id);
  while ([[maybe_unused]] const bool more = TRY(suspect.step())) {
    finding.suspects.push_back({.series = series_of(suspect, 0),
                                .share = suspect.real(1),
                                .contribution = suspect.real(2),
                                .value = real_or_nan(suspect, 3),
                                .expected = real_or_nan(suspect, 4),
                                .low = real_or_nan(suspect, 5),
                                .high = real_or_nan(suspect, 6)});
  }
  auto evidence = TRY(database.statement(
      "SELECT detector, kind, series, score, since, active FROM _evidence WHERE finding = ? "
      "ORDER BY rank"));
  evidence.bind(finding.id);
  while ([[maybe_unused]] const bool more = TRY(evidence.step())) {
    Evidence e;
    e.detector = evidence.text(0);
    e.kind = enum_from_text(evidence.bytes(1), SymptomKind::limit, SymptomKind::deviation)
                 .value_or(SymptomKind::limit);
    if (!evidence.is_null(2)) e.series = series_of(evidence, 2);
    e.score = evidence.real(3);
    e.since = evidence.time(4);
    e.active = evidence.integer(5) != 0;
    finding.evidence.push_back(std::move(e));
  }
  return {};
}

void bind_conditions(Statement& statement, const FindingQuery& query) {
  const auto kind = query.kind ? std::optional(to_text(*query.kind)) : std::nullopt;
  statement.bind(query.from, query.to, query.only_open ? 1 : 0, kind, query.series);
}

}  // namespace

Result<void> save_finding(Database& database, const Finding& finding) {
  const auto second = finding.second ? std::optional(to_text(*finding.second)) : std::nullopt;
  const RuleEpisode episode = finding.episode.value_or(RuleEpisode{});
  auto save =
      TRY(database.statement(fmt::format("INSERT OR REPLACE INTO _finding ({}) VALUES "
                                         "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                         columns)));
  TRY(save.bind(finding.id, finding.asset, to_text(finding.kind), second, finding.score,
                finding.confidence, finding.forest_score, finding.onset, finding.detected,
                finding.closed, finding.sentence.en, finding.sentence.fr, episode.id, episode.rule,
                episode.subject, episode.amended, episode.withdrawn ? 1 : 0)
          .run());
  TRY(save_suspects(database, finding));
  return save_evidence(database, finding);
}

Result<void> log_finding(Database& database, const FindingEvent& event) {
  auto log = TRY(database.statement("INSERT INTO _finding_log (finding, what) VALUES (?, ?)"));
  return log.bind(event.finding.id, to_text(event.what)).run();
}

Result<std::vector<LoggedFindingEvent>> find_finding_events_after(Database& database,
                                                                  std::uint64_t cursor,
                                                                  std::size_t limit) {
  using What = FindingEvent::What;
  std::vector<LoggedFindingEvent> events;
  auto row = TRY(database.statement(
      "SELECT number, finding, what FROM _finding_log WHERE number > ? AND NOT EXISTS (SELECT 1 "
      "FROM _finding_log AS later WHERE later.finding = _finding_log.finding AND later.number >= "
      "_finding_log.number AND later.what = 'given_up') ORDER BY number LIMIT ?"));
  row.bind(cursor, std::min<std::size_t>(limit, INT32_MAX));
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    LoggedFindingEvent logged;
    logged.number = static_cast<std::uint64_t>(row.integer(0));
    logged.event.finding.id = static_cast<std::uint64_t>(row.integer(1));
    logged.event.what =
        enum_from_text(row.bytes(2), What::opened, What::given_up).value_or(What::updated);
    events.push_back(std::move(logged));
  }
  row.reset();
  for (auto& logged : events) {
    auto found = TRY(find_finding(database, logged.event.finding.id));
    if (found) logged.event.finding = std::move(*found);
  }
  return events;
}

Result<FindingPage> find_findings(Database& database, const FindingQuery& query) {
  FindingPage page;
  auto count = TRY(database.statement(fmt::format("SELECT count(*){}", conditions)));
  bind_conditions(count, query);
  TRY(count.step());
  page.total = static_cast<std::size_t>(count.integer(0));
  auto row = TRY(database.statement(
      fmt::format("SELECT {}{} ORDER BY id DESC LIMIT ?6", columns, conditions)));
  bind_conditions(row, query);
  row.bind(std::min<std::size_t>(query.limit, INT32_MAX));
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    page.findings.push_back(finding_of(row));
  }
  for (auto& finding : page.findings) {
    TRY(load_parts(database, finding));
  }
  return page;
}

Result<std::optional<Finding>> find_finding(Database& database, std::uint64_t id) {
  auto row = TRY(database.statement(fmt::format("SELECT {} FROM _finding WHERE id = ?", columns)));
  const bool found = TRY(row.bind(id).step());
  if (!found) return std::optional<Finding>();
  Finding finding = finding_of(row);
  TRY(load_parts(database, finding));
  return std::optional(std::move(finding));
}

}  // namespace sosie
