#include "web/live_feed.h"

#include <semaphore>

#include <doctest/doctest.h>

#include "web/pulse.h"
#include "web/running_site_test.h"
#include "wire/json/value.h"

namespace sosie::web {
namespace {

/// What a feed sends, one event at a time.
class Events {
 public:
  explicit Events(LiveFeed& feed, std::optional<std::vector<SeriesId>> series = {})
      : stream(feed.subscribe(std::move(series))) {
    stream->on_change([this] { rung_.release(); });
  }
  ~Events() { stream->on_change({}); }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  /// The next event of that name, as JSON; waits for it.
  json::Value next(std::string_view name) {
    for (;;) {
      text_ += stream->take();
      const auto end = text_.find("\n\n");
      if (end == std::string::npos) {
        REQUIRE_FALSE(stream->is_closed());
        rung_.acquire();
        continue;
      }
      const auto event = text_.substr(0, end);
      text_.erase(0, end + 2);
      if (!event.starts_with(fmt::format("event: {}\n", name))) continue;
      return *json::parse(std::string_view(event).substr(event.find("data: ") + 6));
    }
  }

  std::shared_ptr<EventStream> stream;

 private:
  std::counting_semaphore<> rung_{0};
  std::string text_;
};

TEST_CASE("a page is told everything once, and then what changes") {
  SmallEngine engine;
  Pulse pulse;
  LiveFeed feed(engine, pulse, [] { return std::uint64_t{3}; });
  Events page(feed, std::vector{SeriesId{2}, SeriesId{4}});
  feed.start();
  const auto first = page.next("values");
  CHECK(first.find("v")->list()->size() == 2);
  CHECK(first.find("v.0.0")->number() == 2);
  CHECK(first.find("v.0.1")->number() == 36);
  CHECK(first.find("v.1.1")->is_null());
  const auto status = page.next("status");
  CHECK(status.find("now_ms")->number() ==
        static_cast<double>(now.time_since_epoch().count()) / 1000);
  CHECK(*status.find("newest.priority")->text() == "high");
  CHECK(status.find("alarms.high.0")->number() == 1);
  CHECK(status.find("versions.alarms")->number() == 41);
  CHECK(*status.find("simulated")->flag());

  engine.put({2}, 37, minutes(1));
  const auto second = page.next("values");
  CHECK(second.find("v")->list()->size() == 1);
  CHECK(second.find("v.0.1")->number() == 37);
  CHECK(feed.pages() == 1);
  page.stream->close();
  while (feed.pages() > 0) std::this_thread::yield();
  feed.stop();
}

TEST_CASE("a page is connected over HTTP, and let go when the site stops") {
  RunningSite running;
  const auto all = http::fetch({.url = running.site().addresses().at(0) + "/api/live?series=all",
                                .timeout = std::chrono::milliseconds(300)});
  REQUIRE_FALSE(all);  // it never ends by itself
  CHECK(all.error().code == Errc::timeout);
}

}  // namespace
}  // namespace sosie::web
