#include "web/ngsi_archive.h"

#include "base/time_text.h"
#include "twin/broker/keeper.h"

namespace sosie::web {
namespace {

constexpr std::chrono::milliseconds patience{5000};

}  // namespace

Result<void> NgsiArchive::earlier(std::string_view prefix, Timestamp instant,
                                  const Take& take) const {
  if (!engine_.documents().settle(patience)) {
    return Error{Errc::unavailable, "the journal is behind: the past cannot be told now"};
  }
  const auto horizon = TRY(engine_.store().earlier_horizon());
  if (horizon && instant < *horizon) {
    return Error{Errc::not_found,
                 fmt::format("what was before {} is not kept any more", to_iso8601(*horizon))};
  }
  return engine_.store().earlier({to_text(ngsi::DocumentKind::entity), prefix, instant},
                                 [&](std::string_view key, Timestamp, std::string_view body) {
                                   take(key, body);
                                   return true;
                                 });
}

Result<ngsi::Archive::Number> NgsiArchive::number(const Question& question) const {
  const auto& entity = question.entity;
  const auto series =
      series_.find({std::string(question.tenant), std::string(entity.service_path.view()),
                    std::string(entity.id.view()), std::string(entity.type.view())},
                   question.attribute);
  if (!series) return Number{};
  const auto last = TRY(engine_.store().last_reading(*series, question.instant + Duration(1)));
  if (!last) return Number{.is_recorded = true};
  return Number{.is_recorded = true, .sample = Sample{last->value, last->at}};
}

}  // namespace sosie::web
