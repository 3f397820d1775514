#include "alerts/book.h"

#include <string>

#include <doctest/doctest.h>

#include "base/time_text.h"

namespace sosie::alerts {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp noon = *from_iso8601("2026-11-20T12:00:00Z");

Notice notice(std::string condition, Priority priority = Priority::medium) {
  Notice n;
  n.condition = std::move(condition);
  n.entity = "Room1";
  n.priority = priority;
  n.values = {{"temperature", "31.5"}};
  n.message = {"temperature is 31.5", "temperature vaut 31.5"};
  n.raw = R"({"id":"Room1"})";
  return n;
}

Notice ending(Notice n, bool is_over) {
  n.says_end = true;
  n.is_over = is_over;
  return n;
}

TEST_CASE("alerts: repeated notices of one condition are one alert") {
  Book book({.fold = minutes(10)});
  CHECK(book.take(notice("a"), noon).step == Step::raised);
  CHECK(book.take(notice("b"), noon).step == Step::raised);
  CHECK(book.take(notice("a"), noon + seconds(10)).step == Step::repeated);
  const auto third = book.take(notice("a"), noon + seconds(10) + minutes(10));
  CHECK(third.step == Step::repeated);  // as long as it is quiet for no longer than ten minutes
  REQUIRE(book.find(third.id) != nullptr);
  CHECK(book.find(third.id)->count == 3);
  CHECK(book.find(third.id)->first == noon);
  CHECK(book.find(third.id)->last == noon + seconds(10) + minutes(10));
  const auto later = book.take(notice("a"), noon + minutes(21));
  CHECK(later.step == Step::raised);
  CHECK(later.id != third.id);
  CHECK(book.size() == 3);
}

TEST_CASE("alerts: more urgent than before is a step, less urgent is none") {
  Book book({});
  book.take(notice("a", Priority::low), noon);
  CHECK(book.take(notice("a", Priority::high), noon).step == Step::changed);
  const auto calmer = book.take(notice("a", Priority::low), noon);
  CHECK(calmer.step == Step::repeated);
  CHECK(book.find(calmer.id)->notice.priority == Priority::high);
}

TEST_CASE("alerts: whoever says when it is over is waited for") {
  Book book({.fold = minutes(10)});
  const auto raised = book.take(ending(notice("a"), false), noon);
  CHECK(book.take(ending(notice("a"), false), noon + minutes(240)).step == Step::repeated);
  const auto cleared = book.take(ending(notice("a"), true), noon + minutes(500));
  CHECK(cleared.step == Step::cleared);
  CHECK(cleared.id == raised.id);
  CHECK(book.open() == 0);
  CHECK(book.take(ending(notice("a"), true), noon + minutes(501)).step == Step::repeated);
  CHECK(book.take(ending(notice("a"), false), noon + minutes(502)).step == Step::raised);
  CHECK(book.take(ending(notice("b"), true), noon).step == Step::late);
}

TEST_CASE("alerts: the one that was silent for longest gives way") {
  Book book({.fold = minutes(10), .keep = 2});
  const auto a = book.take(notice("a"), noon);
  const auto b = book.take(notice("b"), noon + seconds(1));
  book.take(notice("a"), noon + seconds(2));
  const auto c = book.take(notice("c"), noon + seconds(3));
  REQUIRE(c.dropped);
  CHECK(*c.dropped == b.id);
  CHECK(book.find(b.id) == nullptr);
  const auto newest = book.newest(10);
  REQUIRE(newest.size() == 2);
  CHECK(newest[0]->id == c.id);
  CHECK(newest[1]->id == a.id);
  CHECK(book.take(notice("b"), noon + seconds(4)).step == Step::raised);
}

TEST_CASE("alerts: what notifiers are told") {
  Alert alert;
  alert.id = 7;
  alert.notice = notice("ngsi/x");
  alert.notice.source = Source::ngsi;
  alert.first = noon;
  alert.last = noon + seconds(5);
  const auto event = to_event(alert, AlarmEvent::What::raised);
  CHECK(event.alarm.id == 7);
  CHECK(event.alarm.condition == "received/ngsi/x");
  CHECK(event.alarm.asset == "Room1");
  CHECK(event.alarm.message.en == "Room1: temperature is 31.5");
  CHECK(event.alarm.message.fr == "Room1: temperature vaut 31.5");
  CHECK(event.alarm.raised == noon);
  CHECK(event.alarm.is_active());
  alert.notice.message = {"Too warm", ""};
  CHECK(alert.sentence().fr == "Too warm (Room1, temperature 31.5)");
  alert.notice.is_over = true;
  CHECK(!to_event(alert, AlarmEvent::What::cleared).alarm.is_active());
}

TEST_CASE("alerts: what is stored comes back") {
  Alert alert;
  alert.id = 7;
  alert.notice = ending(notice("a\"b"), true);
  alert.notice.source = Source::alertmanager;
  alert.notice.subscription = "s";
  alert.notice.type = "Room";
  alert.notice.at = noon;
  alert.count = 3;
  alert.first = noon;
  alert.last = noon + seconds(1);
  alert.passed_on = {{"email-1", AlarmEvent::What::raised, noon},
                     {"slack-2", AlarmEvent::What::cleared, std::nullopt}};
  const auto bytes = to_bytes(alert);
  const auto back = alert_from_bytes(bytes);
  REQUIRE(back);
  CHECK(to_bytes(*back) == bytes);
  CHECK((*back).passed_on == alert.passed_on);
  CHECK((*back).notice.at == noon);
  CHECK((*back).notice.values == alert.notice.values);
  CHECK(alert_from_bytes("{").error().code == Errc::corrupt);
}

}  // namespace
}  // namespace sosie::alerts
