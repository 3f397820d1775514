#include "web/ngsi_events.h"

#include <doctest/doctest.h>

namespace sosie::web {
namespace {

using Form = NgsiEvents::Form;
using Numbers = std::vector<std::uint64_t>;
using Transport = ngsi::Notification::Transport;

ngsi::Notification notification(std::uint64_t id, std::string body,
                                Transport transport = Transport::events) {
  ngsi::Notification made;
  made.subscription = " s";
  made.number = id;
  made.transport = transport;
  made.body = std::move(body);
  return made;
}

constexpr const char* hello = ": here\n\n";

TEST_CASE("events: a watcher sees what comes, in the form it asked for") {
  NgsiEvents events;
  const auto page = events.watch(" s", {}, Form::server_sent);
  const auto socket = events.watch(" s", {}, Form::lines);
  const auto other = events.watch(" other", {}, Form::server_sent);
  CHECK(page->take() == hello);
  events.publish(1, notification(7, R"({"a":1})"));
  events.publish(2, notification(8, "two\nlines \"x\""));
  CHECK(page->take() == "id: 7\ndata: {\"a\":1}\n\nid: 8\ndata: two\ndata: lines \"x\"\n\n");
  CHECK(socket->take() ==
        "{\"id\":7,\"notification\":{\"a\":1}}\n"
        "{\"id\":8,\"notification\":\"two\\nlines \\\"x\\\"\"}\n");
  CHECK(other->take() == hello);
  CHECK(events.watchers() == 3);
}

TEST_CASE("events: one who was away gets what he missed, one who is new only what comes") {
  NgsiEvents events;
  for (std::uint64_t id = 1; id <= 3; ++id) events.publish(id, notification(id, "x"));
  CHECK(events.watch(" s", 1, Form::server_sent)->take() ==
        std::string("id: 2\ndata: x\n\nid: 3\ndata: x\n\n") + hello);
  CHECK(events.watch(" s", 2, Form::lines)->take() == "{\"id\":3,\"notification\":\"x\"}\n");
  CHECK(events.watch(" s", 3, Form::server_sent)->take() == hello);
  CHECK(events.watch(" s", {}, Form::server_sent)->take() == hello);
}

TEST_CASE("events: the last thousand stay in the outbox, what is delivered elsewhere does not") {
  NgsiEvents events;
  for (std::uint64_t id = 1; id <= NgsiEvents::kept; ++id) {
    CHECK(events.publish(100 + id, notification(id, "x")).empty());
  }
  CHECK(events.keeps(101));
  CHECK(events.publish(5000, notification(5000, "x")) == Numbers{101});
  CHECK_FALSE(events.keeps(101));
  CHECK(events.publish(5001, notification(5001, "x", Transport::http)) == Numbers{102});
  CHECK_FALSE(events.keeps(5001));
  const auto free = events.forget(" s");
  CHECK(free.size() == NgsiEvents::kept - 1);
  CHECK(events.forget(" s").empty());
}

TEST_CASE("events: nothing is kept of a subscription by HTTP that nobody watches") {
  NgsiEvents events;
  events.publish(1, notification(1, "x", Transport::http));
  CHECK(events.watch(" s", 0, Form::server_sent)->take() == hello);
  events.publish(2, notification(2, "y", Transport::http));
  CHECK(events.watch(" s", 0, Form::server_sent)->take() ==
        std::string("id: 2\ndata: y\n\n") + hello);
}

TEST_CASE("events: watchers go when they are gone, and when the subscription is") {
  NgsiEvents events;
  const auto gone = events.watch(" s", {}, Form::server_sent);
  const auto there = events.watch(" s", {}, Form::server_sent);
  gone->close();
  for (int i = 0; i < 20; ++i) events.beat();
  CHECK(events.watchers() == 1);
  CHECK(there->take() == std::string(hello) + ":\n\n");
  events.forget(" s");
  CHECK(there->is_closed());
  CHECK(events.watchers() == 0);
  const auto last = events.watch(" s", {}, Form::lines);
  events.close();
  CHECK(last->is_closed());
}

}  // namespace
}  // namespace sosie::web
