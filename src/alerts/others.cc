#include <algorithm>

#include <fmt/format.h>

#include "alerts/parts.h"

namespace sosie::alerts {
namespace {

std::string text_at(const json::Value& object, std::string_view path) {
  const auto* const found = object.find(path);
  if (found == nullptr || found->is_null()) return {};
  return shown(*found);
}

std::string long_text_at(const json::Value& object, std::string_view path) {
  const auto* const found = object.find(path);
  const auto* const text = found == nullptr ? nullptr : found->text();
  return text == nullptr ? std::string() : tidy(*text, longest_text);
}

std::optional<Timestamp> time_at(const json::Value& object, std::string_view path) {
  const auto* const found = object.find(path);
  return found == nullptr ? std::nullopt : time_of(*found);
}

bool is_true_at(const json::Value& object, std::string_view path) {
  const auto* const found = object.find(path);
  const auto* const flag = found == nullptr ? nullptr : found->flag();
  return flag != nullptr && *flag;
}

}  // namespace

bool is_sosie(const json::Value& body) {
  const auto* const what = body.find("what");
  const auto* const condition = body.find("alarm.condition");
  return what != nullptr && what->text() != nullptr && condition != nullptr &&
         condition->text() != nullptr;
}

Notice read_sosie(const json::Value& body) {
  Notice notice;
  notice.source = Source::sosie;
  notice.subscription = text_at(body, "alarm.asset");
  notice.entity = text_at(body, "alarm.name");
  if (notice.entity.empty()) notice.entity = notice.subscription;
  notice.type = text_at(body, "alarm.stage");
  notice.message = {long_text_at(body, "alarm.message.en"), long_text_at(body, "alarm.message.fr")};
  notice.priority = priority_of(text_at(body, "alarm.priority")).value_or(notice.priority);
  notice.at = time_at(body, "at_ms");
  notice.condition =
      fmt::format("sosie/{}/{}", notice.subscription, text_at(body, "alarm.condition"));
  notice.says_end = true;
  notice.is_over = !is_true_at(body, "alarm.active");
  notice.raw = to_json(body);
  return notice;
}

bool is_alertmanager_alert(const json::Value& alert) {
  const auto* const labels = alert.find("labels");
  return labels != nullptr && labels->object() != nullptr;
}

bool is_alertmanager(const json::Value& body) {
  const auto* const found = body.find("alerts");
  const auto* const alerts = found == nullptr ? nullptr : found->list();
  return alerts != nullptr && !alerts->empty() &&
         std::ranges::all_of(*alerts, is_alertmanager_alert);
}

Notice read_alertmanager_alert(const json::Value& alert, std::string_view receiver) {
  const auto& labels = *alert.find("labels");
  Notice notice;
  notice.source = Source::alertmanager;
  notice.subscription = tidy(receiver, longest_name);
  notice.entity = first_of(labels, {"sensor", "sensor_id", "entity", "instance", "asset", "job"});
  notice.type = text_at(labels, "alertname");
  const auto* const annotations = alert.find("annotations");
  if (annotations != nullptr) {
    notice.message.en = first_of(*annotations, {"summary", "description", "message"});
    const auto value = first_of(*annotations, {"value"});
    if (!value.empty()) notice.values.push_back({"value", value});
  }
  if (notice.message.en.empty()) notice.message.en = notice.type;
  notice.priority =
      priority_of(first_of(labels, {"priority", "severity"})).value_or(notice.priority);
  notice.says_end = true;
  notice.is_over = text_at(alert, "status") == "resolved";
  notice.at = time_at(alert, notice.is_over ? "endsAt" : "startsAt");
  notice.condition = fmt::format("alertmanager/{}", to_json(labels));
  notice.raw = to_json(alert);
  return notice;
}

Notice read_any(const json::Value& object) {
  Notice notice;
  notice.entity = first_of(object, {"entity", "entity_id", "entityId", "sensor", "sensor_id",
                                    "device", "asset", "host", "id", "source"});
  notice.type = first_of(object, {"type"});
  const auto attribute = first_of(object, {"attribute", "attr", "quantity", "metric"});
  const auto value = first_of(object, {"value", "reading", "measured"});
  if (!value.empty() || !attribute.empty()) notice.values.push_back({attribute, value});
  notice.message.en =
      first_of(object, {"message", "msg", "text", "description", "summary", "title", "alert"});
  notice.message.fr = first_of(object, {"message_fr"});
  notice.priority =
      priority_of(first_of(object, {"severity", "priority", "level"})).value_or(notice.priority);
  for (const auto* const name : {"time", "timestamp", "at", "date"}) {
    if (!notice.at) notice.at = time_at(object, name);
  }
  notice.raw = to_json(object);
  if (notice.message.en.empty()) notice.message.en = tidy(notice.raw, longest_text);
  // A message often has the value in it, so it tells things apart only where nothing else does.
  const auto thing = notice.entity.empty() && attribute.empty() ? notice.message.en : notice.entity;
  notice.condition = fmt::format("json/{}/{}/{}", thing, notice.type, attribute);
  return notice;
}

}  // namespace sosie::alerts
