#include <algorithm>
#include <ranges>

#include "cases/similarity.h"
#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::size_t most_compared = 2000;  ///< the newest findings
constexpr std::size_t most_similar = 5;
constexpr double least_similar = 0.5;

void write_answer(json::Writer& out, const cases::Answer& answer) {
  out.begin_object();
  out.member("finding", answer.finding);
  out.member("at_ms", to_ms(answer.at));
  out.member("who", answer.who);
  out.member("right", answer.is_right);
  out.member("kind", answer.kind ? std::optional(to_text(*answer.kind)) : std::nullopt);
  out.member("comment", answer.comment);
  out.end_object();
}

void write_counts(json::Writer& out, const cases::Opinion& opinion) {
  out.member("right", opinion.right);
  out.member("wrong", opinion.wrong);
}

struct Likeness {
  double similarity = 0;
  const Finding* finding = nullptr;
};

/// Earlier findings that are like this one, the most similar first.
std::vector<Likeness> similar_to(const Finding& finding, const std::vector<Finding>& others) {
  const auto signature = cases::signature_of(finding);
  std::vector<Likeness> all;
  for (const auto& other : others) {
    if (other.id == finding.id || other.onset > finding.onset || other.episode) continue;
    const double alike = cases::similarity(signature, cases::signature_of(other));
    if (alike >= least_similar) all.push_back({alike, &other});
  }
  // Of those that are equally alike the newest: they come newest first.
  std::ranges::stable_sort(all, std::greater(), &Likeness::similarity);
  all.resize(std::min(all.size(), most_similar));
  return all;
}

void write_similar(json::Writer& out, const Likeness& likeness, const CaseDesk& desk) {
  const Finding& other = *likeness.finding;
  const auto answers = desk.answers_to(other.id);
  out.begin_object();
  out.member("id", other.id);
  out.member("similarity", likeness.similarity);
  out.member("kind", to_text(other.kind));
  out.key("kind_name");
  write(out, name_of(other.kind));
  out.member("onset_ms", to_ms(other.onset));
  out.member("closed_ms", to_ms(other.closed));
  out.key("sentence");
  write(out, other.sentence);
  out.key("answer");
  if (answers.empty()) {
    out.value(nullptr);
  } else {
    write_answer(out, answers.back());
  }
  out.end_object();
}

Result<std::string> describe_cases(const Api& api, const Request& request) {
  const auto id = TRY(read_id(request.captured[0]));
  const auto finding = TRY(api.engine.store().finding(id));
  if (!finding) return Error{Errc::not_found, fmt::format("no finding {}", id)};
  FindingQuery earlier;
  earlier.to = finding->onset + Duration(1);
  earlier.limit = most_compared;
  const auto page = TRY(api.engine.store().findings(earlier));
  const CaseDesk& desk = api.engine.cases();
  const auto opinion = desk.opinion(*finding);
  json::Writer out;
  out.begin_object();
  out.key("answers");
  out.begin_array();
  for (const auto& answer : desk.answers_to(id)) write_answer(out, answer);
  out.end_array();
  out.key("opinion");
  out.begin_object();
  write_counts(out, opinion);
  out.member("trust", finding->episode ? 1.0 : opinion.trust());
  out.end_object();
  out.key("similar");
  out.begin_array();
  if (!finding->episode) {
    for (const auto& likeness : similar_to(*finding, page.findings)) {
      write_similar(out, likeness, desk);
    }
  }
  out.end_array();
  out.end_object();
  return out.take();
}

/// {"right": false, "kind": "pollution_peak", "who": "Ana", "comment": "…"}
Result<cases::Answer> read_answer(const Request& request) {
  cases::Answer answer;
  answer.finding = TRY(read_id(request.captured[0]));
  const auto body = TRY(ask_object(request));
  const auto* const right = body.find("right");
  if (right == nullptr || right->flag() == nullptr) {
    return Error{Errc::invalid, fmt::format("'right' is {}; expected true or false",
                                            right == nullptr ? "missing" : right->kind())};
  }
  answer.is_right = *right->flag();
  answer.who = TRY(member_text(body, "who", ""));
  answer.comment = TRY(member_text(body, "comment", ""));
  const auto kind = TRY(member_text(body, "kind", ""));
  if (kind.empty()) return answer;
  answer.kind = kind_from_text(kind);
  if (!answer.kind) {
    return Error{Errc::invalid, fmt::format("'kind' is '{}'; expected sensor_failure, "
                                            "sensor_drift, pollution_peak, process_malfunction, "
                                            "cyber_attack or unknown",
                                            kind)};
  }
  return answer;
}

Result<std::string> take_answer(const Api& api, const Request& request) {
  auto given = TRY(read_answer(request));
  const auto answer = TRY(api.engine.cases().answer(std::move(given)));
  json::Writer out;
  write_answer(out, answer);
  return out.take();
}

/// All that was ever said, the newest first: who judged what, for those who audit it.
std::string list_answers(const Api& api) {
  const auto answers = api.engine.cases().answers();
  json::Writer out;
  out.begin_object();
  out.key("answers");
  out.begin_array();
  for (const auto& answer : std::views::reverse(answers)) write_answer(out, answer);
  out.end_array();
  write_counts(out, api.engine.cases().all());
  out.end_object();
  return out.take();
}

}  // namespace

void add_case_routes(Router& router, Api& api) {
  router.add({"GET", "/api/findings/{id}/cases", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_cases(api, request); });
              }});
  router.add({"POST", "/api/findings/{id}/answer", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return take_answer(api, request); });
              }});
  router.add({"GET", "/api/answers", Pace::slow, [&api](Request&) {
                return answer_json([&]() -> Result<std::string> { return list_answers(api); });
              }});
}

}  // namespace sosie::web
