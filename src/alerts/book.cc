#include "alerts/book.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace sosie::alerts {
namespace {

constexpr std::array<std::string_view, 5> step_names{"raised", "repeated", "changed", "cleared",
                                                     "late"};

std::string sentence_of(const Notice& notice, const std::string& message) {
  const bool is_ours = notice.source == Source::ngsi && !notice.values.empty() &&
                       message.find(notice.values.front().text) != std::string::npos;
  if (notice.entity.empty() || message.find(notice.entity) != std::string::npos) return message;
  if (is_ours) return fmt::format("{}: {}", notice.entity, message);
  std::string about = notice.entity;
  for (const auto& value : notice.values) {
    about += fmt::format(", {}{}{}", value.name, value.name.empty() ? "" : " ", value.text);
  }
  return fmt::format("{} ({})", message, about);
}

}  // namespace

std::string_view to_text(Step step) {
  return step_names.at(static_cast<std::size_t>(step));
}

std::optional<AlarmEvent::What> told_as(Step step) {
  switch (step) {
    case Step::raised:
      return AlarmEvent::What::raised;
    case Step::changed:
      return AlarmEvent::What::changed;
    case Step::cleared:
      return AlarmEvent::What::cleared;
    case Step::repeated:
    case Step::late:
      break;
  }
  return std::nullopt;
}

Words Alert::sentence() const {
  const auto& french = notice.message.fr.empty() ? notice.message.en : notice.message.fr;
  return {sentence_of(notice, notice.message.en), sentence_of(notice, french)};
}

AlarmEvent to_event(const Alert& alert, AlarmEvent::What what) {
  AlarmEvent event;
  event.what = what;
  event.at = alert.last;
  event.alarm.id = alert.id;
  event.alarm.condition = "received/" + alert.notice.condition;
  event.alarm.asset = alert.notice.entity;
  event.alarm.priority = alert.notice.priority;
  event.alarm.message = alert.sentence();
  event.alarm.raised = alert.first;
  if (alert.notice.is_over) event.alarm.cleared = alert.last;
  return event;
}

Alert* Book::same_as(const Notice& notice, Timestamp received) {
  const auto known = newest_of_.find(notice.condition);
  if (known == newest_of_.end()) return nullptr;
  auto& alert = alerts_.at(known->second);
  const bool is_fresh = received - alert.last <= options_.fold;
  if (alert.notice.is_over) return notice.is_over && is_fresh ? &alert : nullptr;
  return notice.says_end || is_fresh ? &alert : nullptr;
}

Step Book::fold_into(Alert& alert, Notice notice, Timestamp received) {
  const bool was_over = alert.notice.is_over;
  const auto before = alert.notice.priority;
  alert.notice = std::move(notice);
  alert.notice.priority = std::min(before, alert.notice.priority);  // 1 is the most urgent
  ++alert.count;
  alert.last = std::max(alert.last, received);
  if (alert.notice.is_over) return was_over ? Step::repeated : Step::cleared;
  return alert.notice.priority < before ? Step::changed : Step::repeated;
}

Book::Taken Book::take(Notice notice, Timestamp received) {
  if (auto* const known = same_as(notice, received)) {
    return {known->id, fold_into(*known, std::move(notice), received), std::nullopt};
  }
  Alert alert;
  alert.id = last_id_ + 1;
  alert.first = alert.last = received;
  alert.notice = std::move(notice);
  const auto step = alert.notice.is_over ? Step::late : Step::raised;
  const auto id = alert.id;
  restore(std::move(alert));
  return {id, step, make_room()};
}

std::optional<std::uint64_t> Book::make_room() {
  if (alerts_.size() <= options_.keep) return std::nullopt;
  const auto newest = std::prev(alerts_.end());  // the clock may have been set back: it stays
  const auto oldest = std::ranges::min_element(alerts_.begin(), newest, {},
                                               [](const auto& entry) { return entry.second.last; });
  const auto id = oldest->first;
  const auto known = newest_of_.find(oldest->second.notice.condition);
  if (known != newest_of_.end() && known->second == id) newest_of_.erase(known);
  alerts_.erase(oldest);
  return id;
}

void Book::restore(Alert alert) {
  const auto id = alert.id;
  last_id_ = std::max(last_id_, id);
  auto& newest = newest_of_[alert.notice.condition];
  newest = std::max(newest, id);
  alerts_.insert_or_assign(id, std::move(alert));
}

const Alert* Book::find(std::uint64_t id) const {
  const auto found = alerts_.find(id);
  return found == alerts_.end() ? nullptr : &found->second;
}

Alert* Book::find(std::uint64_t id) {
  const auto found = alerts_.find(id);
  return found == alerts_.end() ? nullptr : &found->second;
}

std::vector<const Alert*> Book::newest(std::size_t limit) const {
  std::vector<const Alert*> all;
  all.reserve(alerts_.size());
  for (const auto& [id, alert] : alerts_) all.push_back(&alert);
  std::ranges::sort(all, [](const Alert* a, const Alert* b) {
    return a->last == b->last ? a->id > b->id : a->last > b->last;
  });
  all.resize(std::min(limit, all.size()));
  return all;
}

std::size_t Book::open() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      alerts_, [](const auto& entry) { return !entry.second.notice.is_over; }));
}

}  // namespace sosie::alerts
