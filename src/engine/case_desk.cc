#include "engine/case_desk.h"

#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"

namespace sosie {
namespace {

constexpr std::string_view document_kind = "finding_answer";
constexpr auto commit_patience = std::chrono::seconds(5);

}  // namespace

Result<void> CaseDesk::restore() {
  std::vector<cases::Answer> kept;
  TRY(store_.documents(document_kind, [&](std::string_view key, std::string_view body) {
    auto answer = cases::answer_from_json(body);
    if (answer) {
      kept.push_back(std::move(*answer));
    } else {
      log::error("cases", "{}: {}", key, answer.error().what);
    }
    return true;
  }));
  for (auto& answer : kept) {
    auto finding = TRY(store_.finding(answer.finding));
    if (!finding) {  // retention took it: the answer stays, and says nothing of others
      finding.emplace();
      finding->id = answer.finding;
    }
    book_.with([&](cases::Casebook& book) { book.add(*finding, std::move(answer)); });
  }
  return {};
}

Result<cases::Answer> CaseDesk::answer(cases::Answer answer) {
  if (trim(answer.who).empty()) {
    return Error{Errc::invalid, "'who' is missing: the name of a person"};
  }
  const auto finding = TRY(store_.finding(answer.finding));
  if (!finding) return Error{Errc::not_found, fmt::format("no finding {}", answer.finding)};
  answer.at = clock_.now();
  if (road_.is_behind()) return Error{Errc::unavailable, "the disk is full, or far too slow"};
  // Under the book's lock, so that they are kept in the order in which they count.
  const auto ticket = book_.with([&](cases::Casebook& book) {
    DocumentRoad::Entry entry;
    entry.documents.push_back({std::string(document_kind),
                               fmt::format("{:08}", book.answers().size() + 1),
                               cases::to_json(answer)});
    book.add(*finding, answer);
    return road_.put(std::move(entry));
  });
  road_.hurry(ticket);
  if (!road_.settle(commit_patience)) {
    return Error{Errc::unavailable, "it is noted, but could not be written to disk yet"};
  }
  log::info("cases", "finding {}: {}, says {}", answer.finding, answer.is_right ? "right" : "wrong",
            answer.who);
  return answer;
}

std::vector<cases::Answer> CaseDesk::answers_to(std::uint64_t finding) const {
  return book_.with([&](const cases::Casebook& book) { return book.answers_to(finding); });
}

std::vector<cases::Answer> CaseDesk::answers() const {
  return book_.with([](const cases::Casebook& book) { return book.answers(); });
}

cases::Opinion CaseDesk::all() const {
  return book_.with([](const cases::Casebook& book) { return book.all(); });
}

cases::Opinion CaseDesk::opinion(const Finding& finding) const {
  return book_.with([&](const cases::Casebook& book) { return book.opinion(finding); });
}

void CaseDesk::weigh(std::span<FindingEvent> events) const {
  if (events.empty()) return;
  book_.with([&](const cases::Casebook& book) {
    for (auto& [what, finding] : events) {
      if (!finding.episode) finding.confidence *= book.opinion(finding).trust();
    }
  });
}

}  // namespace sosie
