#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/time_text.h"
#include "core/catalog.h"
#include "core/notifier.h"
#include "notifying/http_post.h"
#include "notifying/step_filter.h"
#include "wire/json/writer.h"

namespace sosie {
namespace {

std::optional<std::int64_t> milliseconds(const std::optional<Timestamp>& at) {
  if (!at) return std::nullopt;
  return std::chrono::floor<std::chrono::milliseconds>(*at).time_since_epoch().count();
}

/// The alarm as /api/alarms shows it.
void write_alarm(json::Writer& out, const Alarm& alarm, const SeriesTable& series) {
  out.begin_object();
  out.member("id", alarm.id);
  out.member("condition", alarm.condition);
  out.member("asset", alarm.asset);
  const SeriesInfo* const info = alarm.series ? &series[*alarm.series] : nullptr;
  out.member("series", alarm.series ? std::optional(alarm.series->index) : std::nullopt);
  out.member("name", info != nullptr ? info->name() : "");
  out.member("stage", info != nullptr ? info->stage : "");
  out.member("finding", alarm.finding);
  out.member("priority", to_text(alarm.priority));
  out.member("active", alarm.is_active());
  out.member("acknowledged", alarm.is_acknowledged());
  out.key("message");
  out.begin_object();
  out.member("en", alarm.message.en);
  out.member("fr", alarm.message.fr);
  out.end_object();
  out.member("raised_ms", milliseconds(alarm.raised));
  out.member("cleared_ms", milliseconds(alarm.cleared));
  out.member("acknowledged_ms", milliseconds(alarm.acknowledged));
  out.member("acknowledged_by", alarm.acknowledged_by);
  out.member("comment", alarm.comment);
  out.member("shelved_until_ms", milliseconds(alarm.shelved_until));
  out.end_object();
}

std::string body_of(const AlarmEvent& event, const SeriesTable& series) {
  json::Writer out;
  out.begin_object();
  out.member("what", to_text(event.what));
  out.member("at", to_iso8601(event.at));
  out.member("at_ms", milliseconds(event.at));
  out.member("who", event.who);
  out.member("comment", event.comment);
  out.key("alarm");
  write_alarm(out, event.alarm, series);
  out.end_object();
  return out.take();
}

/// Posts each asked-for step to one address.
class Webhook final : public Notifier {
 public:
  Webhook(StepFilter filter, HttpPost post) : filter_(std::move(filter)), post_(std::move(post)) {}

  bool wants(const AlarmEvent& event) const override { return filter_.wants(event); }

  Result<void> tell(const AlarmEvent& event, const SeriesTable& series) override {
    if (!filter_.wants(event)) return {};
    return post_.send(body_of(event, series), event, "webhook");
  }

 private:
  const StepFilter filter_;
  HttpPost post_;
};

Result<std::unique_ptr<Notifier>> make(Section& section) {
  auto post = TRY(HttpPost::read(section));
  auto filter = TRY(StepFilter::read(section));
  return std::make_unique<Webhook>(std::move(filter), std::move(post));
}

}  // namespace

void register_notifiers_webhook(Catalog& catalog) {
  catalog.add<Notifier>("webhook", make);
}

}  // namespace sosie
