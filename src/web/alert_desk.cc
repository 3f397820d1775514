#include "web/alert_desk.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "wire/json/value.h"
#include "wire/json/writer.h"

namespace sosie::web {
namespace {

// Kinds of documents.
constexpr const char* alert_kind = "alert";
constexpr const char* due_kind = "alert_due";  ///< a step that a notifier has not been told of yet

std::string alert_key(std::uint64_t id) {
  return fmt::format("{}", id);
}

/// Names the notifier last: it may have any name.
std::string due_key(std::uint64_t number, std::string_view notifier) {
  return fmt::format("{} {}", number, notifier);
}

DocumentChange no_longer_due(std::uint64_t number, std::string_view notifier) {
  return {due_kind, due_key(number, notifier), std::nullopt};
}

std::int64_t to_us(Timestamp at) {
  return at.time_since_epoch().count();
}

/// Of the event all that was set by alerts::to_event.
std::string due_bytes(const AlarmEvent& event) {
  json::Writer out;
  out.begin_object();
  out.member("what", to_text(event.what));
  out.member("at_us", to_us(event.at));
  out.member("id", event.alarm.id);
  out.member("condition", event.alarm.condition);
  out.member("asset", event.alarm.asset);
  out.member("priority", to_text(event.alarm.priority));
  out.member("en", event.alarm.message.en);
  out.member("fr", event.alarm.message.fr);
  out.member("raised_us", to_us(event.alarm.raised));
  if (event.alarm.cleared) out.member("cleared_us", to_us(*event.alarm.cleared));
  out.end_object();
  return out.take();
}

std::string text_at(const json::Value& object, std::string_view key) {
  const auto* const found = object.find(key);
  return found != nullptr && found->text() != nullptr ? *found->text() : std::string();
}

std::optional<std::int64_t> whole_at(const json::Value& object, std::string_view key) {
  const auto* const found = object.find(key);
  const auto* const number = found == nullptr ? nullptr : std::get_if<std::int64_t>(&found->value);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

AlarmEvent event_from(const json::Value& due) {
  using What = AlarmEvent::What;
  AlarmEvent event;
  const auto what = text_at(due, "what");
  event.what = what == to_text(What::cleared)   ? What::cleared
               : what == to_text(What::changed) ? What::changed
                                                : What::raised;
  event.at = Timestamp(Duration(whole_at(due, "at_us").value_or(0)));
  event.alarm.id = static_cast<std::uint64_t>(whole_at(due, "id").value_or(0));
  event.alarm.condition = text_at(due, "condition");
  event.alarm.asset = text_at(due, "asset");
  event.alarm.priority =
      priority_from_text(text_at(due, "priority")).value_or(event.alarm.priority);
  event.alarm.message = {text_at(due, "en"), text_at(due, "fr")};
  event.alarm.raised = Timestamp(Duration(whole_at(due, "raised_us").value_or(0)));
  if (const auto us = whole_at(due, "cleared_us")) event.alarm.cleared = Timestamp(Duration(*us));
  return event;
}

/// The entry of this notifier, made where there is none.
alerts::PassedOn& entry_of(alerts::Alert& alert, const std::string& notifier) {
  const auto found = std::ranges::find(alert.passed_on, notifier, &alerts::PassedOn::notifier);
  if (found != alert.passed_on.end()) return *found;
  return alert.passed_on.emplace_back(alerts::PassedOn{notifier, {}, {}});
}

Result<std::vector<NamedNotifier>> read_notifiers(Section& section, const Catalog& catalog) {
  std::vector<NamedNotifier> notifiers;
  auto sections = TRY(section.tables("notifier"));
  for (auto& each : sections) {
    const auto kind = TRY(each.text("kind"));
    NamedNotifier made;
    made.name = TRY(each.text("name", fmt::format("{}-{}", kind, notifiers.size() + 1)));
    if (std::ranges::find(notifiers, made.name, &NamedNotifier::name) != notifiers.end()) {
      return each.wrong("name", fmt::format("'{}' is another one's already", made.name));
    }
    made.notifier = TRY(catalog.make<Notifier>(each));
    notifiers.push_back(std::move(made));
  }
  return notifiers;
}

}  // namespace

Result<AlertOptions> read_alert_options(Section& scenario, const Catalog& catalog) {
  AlertOptions options;
  options.is_wanted = scenario.has("alerts");
  auto section = TRY(scenario.table("alerts"));
  options.book.fold = TRY(section.duration("fold", options.book.fold));
  if (options.book.fold < Duration::zero()) return section.wrong("fold", "expected 0 or more");
  const auto keep = TRY(section.integer("keep", static_cast<std::int64_t>(options.book.keep)));
  if (keep < 1 || keep > 100'000) return section.wrong("keep", "expected 1 to 100000");
  options.book.keep = static_cast<std::size_t>(keep);
  options.notifiers = TRY(read_notifiers(section, catalog));
  TRY(section.finish());
  return options;
}

AlertDesk::AlertDesk(const AlertOptions& options, Engine& engine, AlertListener listener)
    : options_(options), engine_(engine), listener_(std::move(listener)), book_(options.book) {
  for (const auto& named : options_.notifiers) {
    couriers_.push_back(std::make_unique<AlertCourier>(
        named.name, *named.notifier, engine_.series(),
        [this, &named](const AlertCourier::Due& due) { settle(named.name, due); }));
  }
}

Result<void> AlertDesk::restore() {
  if (!is_open()) return {};
  TRY(restore_alerts());
  return restore_due();
}

Result<void> AlertDesk::restore_alerts() {
  return engine_.store().documents(alert_kind, [&](std::string_view, std::string_view body) {
    if (auto alert = alerts::alert_from_bytes(body)) {
      book_.restore(std::move(*alert));
    } else {
      log::error("alerts", "{}; it is left out", alert.error().what);
    }
    return true;
  });
}

Result<void> AlertDesk::restore_due() {
  DocumentRoad::Entry gone;
  TRY(engine_.store().documents(due_kind, [&](std::string_view key, std::string_view body) {
    const auto blank = std::min(key.find(' '), key.size());
    const auto number = to_integer(key.substr(0, blank));
    const auto name = key.substr(std::min(blank + 1, key.size()));
    const auto courier = std::ranges::find(couriers_, name, &AlertCourier::name);
    const auto due = json::parse(body);
    if (!number || !due || courier == couriers_.end()) {
      gone.documents.push_back({due_kind, std::string(key), std::nullopt});
      return true;
    }
    last_due_ = std::max(last_due_, static_cast<std::uint64_t>(*number));
    const auto dropped = (*courier)->add({static_cast<std::uint64_t>(*number), event_from(*due)});
    if (dropped) gone.documents.push_back(no_longer_due(dropped->number, (*courier)->name()));
    return true;
  }));
  if (gone.documents.empty()) return {};
  log::warning("alerts",
               "{} steps waited for notifiers that are no more, or were too many: dropped",
               gone.documents.size());
  engine_.documents().put(std::move(gone));
  return {};
}

void AlertDesk::start() {
  for (auto& courier : couriers_) courier->start();
}

void AlertDesk::stop() {
  for (auto& courier : couriers_) courier->stop();
}

Result<AlertDesk::Receipt> AlertDesk::receive(std::string_view body, std::string_view where) {
  if (engine_.documents().is_behind()) {
    return Error{Errc::unavailable, "alerts cannot be written to disk just now: send it again"};
  }
  auto notices = alerts::read_notices(body);
  if (!notices) {
    {
      const std::scoped_lock lock(mutex_);
      ++refused_;
    }
    engine_.intake().refuse(
        {"alerts", notices.error().what, std::string(body.substr(0, 500)), std::string(where)});
    return std::move(notices).error();
  }
  std::vector<Heard> heard;
  auto receipt = take_all(std::move(*notices), heard);
  if (!listener_) return receipt;
  // Without the lock: a terminal may be slow.
  for (const auto& each : heard) listener_(each.alert, each.step);
  return receipt;
}

AlertDesk::Receipt AlertDesk::take_all(std::vector<alerts::Notice> notices,
                                       std::vector<Heard>& heard) {
  Receipt receipt;
  DocumentRoad::Entry entry;
  const std::scoped_lock lock(mutex_);  // in the order of numbers into the road, too
  for (auto& notice : notices) {
    heard.push_back(take(std::move(notice), entry));
    receipt.alerts.push_back(heard.back().alert.id);
  }
  ++version_;
  receipt.ticket = engine_.documents().put(std::move(entry));
  engine_.documents().hurry(receipt.ticket);
  return receipt;
}

AlertDesk::Heard AlertDesk::take(alerts::Notice notice, DocumentRoad::Entry& entry) {
  const auto taken = book_.take(std::move(notice), clock_.now());
  auto& alert = *book_.find(taken.id);
  ++received_;
  if (const auto what = alerts::told_as(taken.step)) pass_on(alert, *what, entry);
  entry.documents.push_back({alert_kind, alert_key(alert.id), alerts::to_bytes(alert)});
  if (taken.dropped) {
    entry.documents.push_back({alert_kind, alert_key(*taken.dropped), std::nullopt});
  }
  return {alert, taken.step};
}

void AlertDesk::pass_on(alerts::Alert& alert, AlarmEvent::What what, DocumentRoad::Entry& entry) {
  const auto event = alerts::to_event(alert, what);
  for (auto& courier : couriers_) {
    if (!courier->wants(event)) continue;
    entry_of(alert, courier->name()) = {courier->name(), what, std::nullopt};
    const auto number = ++last_due_;
    entry.documents.push_back({due_kind, due_key(number, courier->name()), due_bytes(event)});
    if (const auto dropped = courier->add({number, event})) {
      entry.documents.push_back(no_longer_due(dropped->number, courier->name()));
    }
  }
}

/// The lock lets the entry that made the step be on the road before this one.
void AlertDesk::settle(const std::string& notifier, const AlertCourier::Due& due) {
  DocumentRoad::Entry entry;
  entry.documents.push_back(no_longer_due(due.number, notifier));
  const std::scoped_lock lock(mutex_);
  if (auto* const alert = book_.find(due.event.alarm.id)) {
    auto& passed = entry_of(*alert, notifier);
    if (passed.what == due.event.what) passed.told = clock_.now();
    entry.documents.push_back({alert_kind, alert_key(alert->id), alerts::to_bytes(*alert)});
  }
  ++version_;
  engine_.documents().put(std::move(entry));
}

AlertDesk::Figures AlertDesk::figures() const {
  const std::scoped_lock lock(mutex_);
  return {received_, refused_, book_.size(), book_.open(), version_.load()};
}

std::vector<AlertCourier::Status> AlertDesk::couriers() const {
  std::vector<AlertCourier::Status> all;
  all.reserve(couriers_.size());
  for (const auto& courier : couriers_) all.push_back(courier->status());
  return all;
}

std::vector<alerts::Alert> AlertDesk::newest(std::size_t limit) const {
  const std::scoped_lock lock(mutex_);
  std::vector<alerts::Alert> copies;
  for (const auto* alert : book_.newest(limit)) copies.push_back(*alert);
  return copies;
}

std::optional<alerts::Alert> AlertDesk::find(std::uint64_t id) const {
  const std::scoped_lock lock(mutex_);
  const auto* const alert = book_.find(id);
  if (alert == nullptr) return std::nullopt;
  return *alert;
}

}  // namespace sosie::web
