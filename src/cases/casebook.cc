#include "cases/casebook.h"

#include <utility>

namespace sosie::cases {
namespace {

constexpr std::size_t most_cases = 1000;

}  // namespace

void Casebook::add(const Finding& finding, Answer answer) {
  cases_.insert_or_assign(finding.id, Case{signature_of(finding), answer.is_right});
  if (cases_.size() > most_cases) cases_.erase(cases_.begin());
  answers_.push_back(std::move(answer));
}

Opinion Casebook::opinion(const Finding& finding) const {
  Opinion opinion;
  if (cases_.empty()) return opinion;
  const auto signature = signature_of(finding);
  for (const auto& [id, one] : cases_) {
    if (id == finding.id || similarity(signature, one.signature) <= alike) continue;
    ++(one.is_right ? opinion.right : opinion.wrong);
  }
  return opinion;
}

std::vector<Answer> Casebook::answers_to(std::uint64_t finding) const {
  std::vector<Answer> found;
  for (const auto& answer : answers_) {
    if (answer.finding == finding) found.push_back(answer);
  }
  return found;
}

Opinion Casebook::all() const {
  std::map<std::uint64_t, bool> last;
  for (const auto& answer : answers_) last[answer.finding] = answer.is_right;
  Opinion opinion;
  for (const auto& [finding, is_right] : last) ++(is_right ? opinion.right : opinion.wrong);
  return opinion;
}

}  // namespace sosie::cases
