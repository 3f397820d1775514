#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/time_text.h"
#include "core/catalog.h"
#include "core/notifier.h"
#include "notifying/http_post.h"
#include "notifying/step_filter.h"
#include "notifying/wording.h"
#include "wire/json/writer.h"

namespace sosie {
namespace {

constexpr std::array priorities{Priority::critical, Priority::high, Priority::medium,
                                Priority::low};

/// In the words that Prometheus's own rules use.
std::string_view severity_of(Priority priority) {
  switch (priority) {
    case Priority::critical:
    case Priority::high:
      return "critical";
    case Priority::medium:
      return "warning";
    case Priority::low:
      break;
  }
  return "info";
}

/// Raises alarms in an Alertmanager, and resolves them there.
class Alertmanager final : public Notifier {
 public:
  struct Config {
    StepFilter filter;
    Wording wording;
    std::string alertname;
    std::map<std::string, std::string> labels;
    Duration lasts{};  ///< an alarm that nothing more is heard of
  };
  Alertmanager(Config config, HttpPost post) : config_(std::move(config)), post_(std::move(post)) {}

  bool wants(const AlarmEvent& event) const override { return config_.filter.wants(event); }

  Result<void> tell(const AlarmEvent& event, const SeriesTable& series) override {
    if (!config_.filter.wants(event)) return {};
    return post_.send(body_of(event, series), event, "alertmanager");
  }

 private:
  /// Where the priority has changed, what it was before is another alert there, which ends.
  std::string body_of(const AlarmEvent& event, const SeriesTable& series) const {
    json::Writer out;
    out.begin_array();
    write_alert(out, event, series, event.alarm.priority);
    if (event.what == AlarmEvent::What::changed) {
      for (const auto priority : priorities) {
        if (priority != event.alarm.priority) write_alert(out, event, series, priority);
      }
    }
    out.end_array();
    return out.take();
  }

  void write_alert(json::Writer& out, const AlarmEvent& event, const SeriesTable& series,
                   Priority priority) const {
    const auto& alarm = event.alarm;
    const bool is_on = alarm.is_active() && priority == alarm.priority;
    out.begin_object();
    write_labels(out, alarm, series, priority);
    write_annotations(out, event);
    out.member("startsAt", to_iso8601(alarm.raised));
    out.member("endsAt",
               to_iso8601(is_on ? event.at + config_.lasts : alarm.cleared.value_or(event.at)));
    if (!config_.wording.link().empty()) out.member("generatorURL", config_.wording.link());
    out.end_object();
  }

  /// They tell one alert from another, so they are the same for all of an alarm's life.
  void write_labels(json::Writer& out, const Alarm& alarm, const SeriesTable& series,
                    Priority priority) const {
    auto labels = config_.labels;
    labels["alertname"] = config_.alertname;
    labels["condition"] = alarm.condition;
    labels["priority"] = to_text(priority);
    labels["severity"] = severity_of(priority);
    if (!alarm.asset.empty()) labels["asset"] = alarm.asset;
    if (alarm.series) labels["sensor"] = series[*alarm.series].name();
    if (alarm.series && !series[*alarm.series].stage.empty()) {
      labels["stage"] = series[*alarm.series].stage;
    }
    out.key("labels");
    out.begin_object();
    for (const auto& [name, value] : labels) out.member(name, value);
    out.end_object();
  }

  void write_annotations(json::Writer& out, const AlarmEvent& event) const {
    const auto& message = event.alarm.message;
    out.key("annotations");
    out.begin_object();
    out.member("summary", config_.wording.title(event));
    out.member("description", message.en);
    if (!message.fr.empty()) out.member("description_fr", message.fr);
    out.end_object();
  }

  const Config config_;
  HttpPost post_;
};

/// Prometheus's data model: [a-zA-Z_][a-zA-Z0-9_]*
bool is_label(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (name.empty() || !is_letter(name.front())) return false;
  return std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

Result<std::unique_ptr<Notifier>> make(Section& section) {
  auto post = TRY(HttpPost::read(section));
  post.append_path("/api/v2/alerts");
  auto filter = TRY(StepFilter::read(section));
  auto wording = TRY(Wording::read(section));
  Alertmanager::Config config{std::move(filter), std::move(wording), {}, {}, {}};
  config.alertname = TRY(section.text("alertname", "SosieAlarm"));
  config.labels = TRY(section.text_map("labels"));
  for (const auto& [name, value] : config.labels) {
    if (!is_label(name)) {
      return section.wrong("labels", fmt::format("has '{}', which is no label's name", name));
    }
  }
  config.lasts = TRY(section.duration("lasts", std::chrono::hours(24 * 7)));
  if (config.lasts < std::chrono::minutes(1)) return section.wrong("lasts", "expected 1m or more");
  return std::make_unique<Alertmanager>(std::move(config), std::move(post));
}

}  // namespace

void register_notifiers_alertmanager(Catalog& catalog) {
  catalog.add<Notifier>("alertmanager", make);
}

}  // namespace sosie
