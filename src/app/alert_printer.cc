#include "app/alert_printer.h"

#include <cstdio>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "app/terminal.h"
#include "base/time_text.h"

namespace sosie::app {
namespace {

std::string_view colour_of(const alerts::Alert& alert) {
  if (alert.notice.is_over) return "";
  switch (alert.notice.priority) {
    case Priority::critical:
      return colour::bold_red;
    case Priority::high:
      return colour::red;
    case Priority::medium:
      return colour::yellow;
    case Priority::low:
      break;
  }
  return "";
}

std::string values_of(const alerts::Alert& alert) {
  std::string text;
  for (const auto& value : alert.notice.values) {
    text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", value.name,
                        value.name.empty() ? "" : " ", value.text);
  }
  return text;
}

/// Ours, of an NGSI notification without a message, only says the values once more.
bool says_values(const alerts::Alert& alert) {
  return alert.notice.source == alerts::Source::ngsi && !alert.notice.values.empty() &&
         alert.notice.message.en.find(" is " + alert.notice.values.front().text) !=
             std::string::npos;
}

std::string json_of(const alerts::Alert& alert, alerts::Step step) {
  json::Writer out;
  out.begin_object();
  out.member("step", alerts::to_text(step));
  alerts::write_members(out, alert);
  out.end_object();
  return out.take();
}

}  // namespace

std::string line_of(const alerts::Alert& alert, alerts::Step step, AlertPrinter::Form form) {
  if (form == AlertPrinter::Form::json) return json_of(alert, step);
  const auto& notice = alert.notice;
  auto time = to_iso8601(std::chrono::floor<std::chrono::seconds>(alert.last));
  time[10] = ' ';
  const auto sign = notice.is_over ? std::string("- over    ")
                                   : fmt::format("{} {:<8}", static_cast<int>(notice.priority),
                                                 to_text(notice.priority));
  std::string rest;
  const auto add = [&](std::string_view part) {
    if (!part.empty()) rest += fmt::format("  {}", part);
  };
  add(notice.entity);
  add(values_of(alert));
  if (!says_values(alert)) add(notice.message.en);
  if (alert.count > 1) add(fmt::format("×{}", alert.count));
  if (form == AlertPrinter::Form::plain) return fmt::format("{}  {}{}", time, sign, rest);
  if (step == alerts::Step::repeated)
    return painted(fmt::format("{}  {}{}", time, sign, rest), colour::dim);
  return fmt::format("{}  {}{}", painted(time, colour::dim), painted(sign, colour_of(alert)), rest);
}

void AlertPrinter::show(const alerts::Alert& alert, alerts::Step step) {
  const auto line = line_of(alert, step, form_);
  const std::scoped_lock lock(mutex_);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace sosie::app
