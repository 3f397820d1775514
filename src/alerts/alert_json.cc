#include <array>
#include <utility>

#include <fmt/format.h>

#include "alerts/book.h"
#include "wire/json/value.h"

namespace sosie::alerts {
namespace {

std::int64_t to_ms(Timestamp at) {
  return std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
}

std::optional<std::int64_t> to_ms(const std::optional<Timestamp>& at) {
  if (!at) return std::nullopt;
  return to_ms(*at);
}

void write_words(json::Writer& out, std::string_view key, const Words& words) {
  out.key(key);
  out.begin_object();
  out.member("en", words.en);
  out.member("fr", words.fr);
  out.end_object();
}

void write_values(json::Writer& out, const std::vector<NamedValue>& values) {
  out.key("values");
  out.begin_array();
  for (const auto& value : values) {
    out.begin_object();
    out.member("name", value.name);
    out.member("value", value.text);
    out.end_object();
  }
  out.end_array();
}

void write_passed_on(json::Writer& out, const std::vector<PassedOn>& passed_on) {
  out.key("passed_on");
  out.begin_array();
  for (const auto& passed : passed_on) {
    out.begin_object();
    out.member("notifier", passed.notifier);
    out.member("what", to_text(passed.what));
    out.member("told_ms", to_ms(passed.told));
    out.end_object();
  }
  out.end_array();
}

/// Reads members of a stored object; what is not there, or of another kind, is left as it was.
class Reader {
 public:
  explicit Reader(const json::Value& object) : object_(object) {}

  void operator()(std::string_view key, std::string& to) const {
    const auto* const found = object_.find(key);
    if (found != nullptr && found->text() != nullptr) to = *found->text();
  }
  void operator()(std::string_view key, bool& to) const {
    const auto* const found = object_.find(key);
    if (found != nullptr && found->flag() != nullptr) to = *found->flag();
  }
  std::optional<std::int64_t> whole(std::string_view key) const {
    const auto* const found = object_.find(key);
    const auto* const number =
        found == nullptr ? nullptr : std::get_if<std::int64_t>(&found->value);
    return number == nullptr ? std::nullopt : std::optional(*number);
  }
  std::optional<Timestamp> time(std::string_view key) const {
    const auto ms = whole(key);
    if (!ms) return std::nullopt;
    return Timestamp(std::chrono::milliseconds(*ms));
  }
  const json::Value::List& list(std::string_view key) const {
    static const json::Value::List none;
    const auto* const found = object_.find(key);
    return found != nullptr && found->list() != nullptr ? *found->list() : none;
  }

 private:
  const json::Value& object_;
};

std::optional<AlarmEvent::What> what_from_text(std::string_view text) {
  using What = AlarmEvent::What;
  for (const auto what : {What::raised, What::changed, What::cleared}) {
    if (to_text(what) == text) return what;
  }
  return std::nullopt;
}

void read_notice(const Reader& read, Notice& notice) {
  std::string source;
  std::string priority;
  read("source", source);
  notice.source = source_from_text(source).value_or(Source::json);
  read("subscription", notice.subscription);
  read("entity", notice.entity);
  read("type", notice.type);
  for (const auto& value : read.list("values")) {
    auto& named = notice.values.emplace_back();
    const Reader of(value);
    of("name", named.name);
    of("value", named.text);
  }
  read("message.en", notice.message.en);
  read("message.fr", notice.message.fr);
  read("priority", priority);
  notice.priority = priority_from_text(priority).value_or(Priority::medium);
  notice.at = read.time("at_ms");
  read("condition", notice.condition);
  read("says_end", notice.says_end);
  read("over", notice.is_over);
  read("raw", notice.raw);
}

}  // namespace

void write_members(json::Writer& out, const Alert& alert) {
  const auto& notice = alert.notice;
  out.member("id", alert.id);
  out.member("source", to_text(notice.source));
  out.member("subscription", notice.subscription);
  out.member("entity", notice.entity);
  out.member("type", notice.type);
  write_values(out, notice.values);
  write_words(out, "message", notice.message);
  out.member("priority", to_text(notice.priority));
  out.member("at_ms", to_ms(notice.at));
  out.member("first_ms", to_ms(alert.first));
  out.member("last_ms", to_ms(alert.last));
  out.member("count", alert.count);
  out.member("over", notice.is_over);
  write_passed_on(out, alert.passed_on);
}

std::string to_bytes(const Alert& alert) {
  json::Writer out;
  out.begin_object();
  write_members(out, alert);
  out.member("condition", alert.notice.condition);
  out.member("says_end", alert.notice.says_end);
  out.member("raw", alert.notice.raw);
  out.end_object();
  return out.take();
}

Result<Alert> alert_from_bytes(std::string_view bytes) {
  const auto value = json::parse(bytes);
  if (!value) return Error{Errc::corrupt, fmt::format("a stored alert: {}", value.error().what)};
  const Reader read(*value);
  Alert alert;
  read_notice(read, alert.notice);
  alert.id = static_cast<std::uint64_t>(read.whole("id").value_or(0));
  alert.count = static_cast<std::uint64_t>(read.whole("count").value_or(1));
  alert.first = read.time("first_ms").value_or(Timestamp{});
  alert.last = read.time("last_ms").value_or(alert.first);
  for (const auto& entry : read.list("passed_on")) {
    std::string notifier;
    std::string what;
    const Reader of(entry);
    of("notifier", notifier);
    of("what", what);
    alert.passed_on.push_back({std::move(notifier),
                               what_from_text(what).value_or(AlarmEvent::What::raised),
                               of.time("told_ms")});
  }
  return alert;
}

}  // namespace sosie::alerts
