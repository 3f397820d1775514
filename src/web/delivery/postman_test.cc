#include "web/delivery/postman.h"

#include <algorithm>

#include "testing/server.h"
#include "web/delivery/receiver_rig.h"

namespace sosie::delivery {
namespace {

using rig::notification;
using rig::Office;
using rig::quick_options;
using rig::Receiver;
using Texts = std::vector<std::string>;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST_CASE("postman: the request is what was rendered") {
  Receiver receiver;
  Office office;
  Postman postman(quick_options(), office);
  auto sent = notification("s", receiver.url("/a b?q=\xC3\xA9#x"), "{\"x\":1}");
  sent.method = "PUT";
  sent.headers.push_back({"X-Odd", "two\r\nlines: here"});
  sent.headers.push_back({"Content-Length", "9999"});
  sent.headers.push_back({"bad name", "x"});
  postman.send(1, sent);
  postman.start();
  const auto request = receiver.requests(1).at(0);
  CHECK(request.starts_with("PUT /a%20b?q=%C3%A9"));
  CHECK(has(request, "Host: 127.0.0.1:"));
  CHECK(has(request, "Content-Type: application/json; charset=utf-8\r\n"));
  CHECK(has(request, "X-Odd: two  lines: here\r\n"));
  CHECK(has(request, "Content-Length: 7\r\n"));
  CHECK_FALSE(has(request, "9999"));
  CHECK_FALSE(has(request, "bad name"));
  CHECK(request.ends_with("\r\n\r\n{\"x\":1}"));
  CHECK(office.all_settled(1) == std::set<std::uint64_t>{1});
  const auto report = office.reports(1).at(0);
  CHECK(report.is_success);
  CHECK(report.status == 200);
  CHECK(report.subscription == "s");
}

TEST_CASE("postman: one subscription's messages go in order, over one connection") {
  Receiver receiver;
  Office office;
  Postman postman(quick_options(), office);
  postman.start();
  Texts expected;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    expected.push_back(std::to_string(i));
    postman.send(i, notification("s", receiver.url(), expected.back()));
  }
  CHECK(receiver.bodies(100) == expected);
  CHECK(office.all_settled(100).size() == 100);
  CHECK(receiver.connections() == 1);
  CHECK(postman.figures().arrived == 100);
  CHECK(postman.figures().waiting == 0);
}

TEST_CASE("postman: what answers is heard; what does not is tried again") {
  struct Case {
    const char* name;
    const char* first;  ///< answer
    bool is_arrival;
    int status;
    const char* reason;
  };
  const Case cases[] = {
      {"200", Receiver::ok, true, 200, ""},
      {"no content", "HTTP/1.1 204 No Content\r\n\r\n", true, 204, ""},
      {"refused by the receiver", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", true, 404,
       ""},
      {"its error", "HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\nOops", true, 500, ""},
      {"a redirect is not followed",
       "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", true,
       302, ""},
      {"a body that nobody reads", "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\nx", true, 200,
       ""},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhello", true, 200, ""},
      {"garbage", "220 mail.example.org ESMTP\r\n\r\n", false, 0, "Weird server reply"},
      {"only a promise", "HTTP/1.1 102 Processing\r\n\r\n", false, 0, "Weird server reply"},
      {"closed at once", "close", false, 0, "Server returned nothing (no headers, no data)"},
      {"nothing", "hang", false, 0, "Timeout was reached"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    std::atomic<int> asked = 0;
    Receiver receiver([&](const auto&) { return ++asked == 1 ? c.first : Receiver::ok; });
    Office office;
    Postman postman(quick_options(), office);
    postman.start();
    postman.send(1, notification("s", receiver.url(), "one"));
    postman.send(2, notification("s", receiver.url(), "two"));
    const auto bodies = receiver.bodies(c.is_arrival ? 2 : 3);
    CHECK(bodies == (c.is_arrival ? Texts{"one", "two"} : Texts{"one", "one", "two"}));
    CHECK(office.all_settled(2).size() == 2);
    const auto reports = office.reports(c.is_arrival ? 2 : 3);
    CHECK(reports.at(0).is_success == c.is_arrival);
    CHECK(reports.at(0).status == c.status);
    CHECK(reports.at(0).reason == c.reason);
    CHECK(std::ranges::count_if(reports, &ngsi::Delivery::is_success) == 2);
    CHECK(postman.figures().failed_attempts == (c.is_arrival ? 0 : 1));
  }
}

TEST_CASE("postman: addresses that lead nowhere") {
  struct Case {
    std::string url;
    const char* reason;
  };
  const Case cases[] = {
      {fmt::format("http://127.0.0.1:{}/", testing::free_port()), "Couldn't connect to server"},
      {"http://no-such-host.invalid/", "Couldn't resolve host name"},
      {"gopher://127.0.0.1/", "URL using bad/illegal format or missing URL"},
      {"", "URL using bad/illegal format or missing URL"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.url);
    Office office;
    auto options = quick_options();
    options.timeout = rig::patience;
    Postman postman(options, office);
    postman.start();
    postman.send(1, notification("s", c.url, "x"));
    CHECK(office.reports(1).at(0).reason == c.reason);
    CHECK(office.all_settled(0).empty());
  }
}

TEST_CASE("postman: a receiver that was down gets what it missed, in order, and one failure each") {
  const int port = testing::free_port();
  Office office;
  Postman postman(quick_options(), office);
  postman.start();
  const auto url = fmt::format("http://127.0.0.1:{}/", port);
  for (std::uint64_t i = 1; i <= 3; ++i) postman.send(i, notification("s", url, std::to_string(i)));
  for (const auto& report : office.reports(3)) CHECK_FALSE(report.is_success);
  // Some attempts later there is still one report of each, and nothing is lost.
  while (postman.figures().failed_attempts < 6) std::this_thread::yield();
  CHECK(office.reports(3).size() == 3);
  CHECK(postman.figures().waiting == 3);
  Receiver receiver([](const auto&) { return Receiver::ok; }, port);
  CHECK(receiver.bodies(3) == Texts{"1", "2", "3"});
  CHECK(office.all_settled(3).size() == 3);
  CHECK(office.reports(6).size() == 6);
}

TEST_CASE("postman: what comes for a receiver that failed is an occasion to try it again") {
  const int port = testing::free_port();
  const auto url = fmt::format("http://127.0.0.1:{}/", port);
  Office office;
  auto options = quick_options();
  options.first_pause = rig::patience * 10;
  options.longest_pause = options.first_pause;
  Postman postman(options, office);
  postman.start();
  postman.send(1, notification("s", url, "1"));
  CHECK(office.reports(1).size() == 1);
  postman.send(2, notification("s", url, "2"));
  CHECK(office.reports(2).size() == 2);
  Receiver receiver([](const auto&) { return Receiver::ok; }, port);
  postman.send(3, notification("s", url, "3"));
  CHECK(receiver.bodies(3) == Texts{"1", "2", "3"});
}

TEST_CASE("postman: slow and dead receivers delay nobody else") {
  constexpr std::uint64_t slow_ones = 300;
  Receiver slow([](const auto&) { return "hang"; });
  Receiver quick;
  Office office;
  auto options = quick_options();
  options.timeout = rig::patience * 10;
  Postman postman(options, office);
  postman.start();
  for (std::uint64_t i = 1; i <= slow_ones; ++i) {
    postman.send(i, notification(fmt::format("slow {}", i), slow.url(), "x"));
  }
  slow.requests(slow_ones);
  for (std::uint64_t i = 1; i <= 10; ++i) {
    postman.send(slow_ones + i, notification("quick", quick.url(), std::to_string(i)));
  }
  CHECK(quick.bodies(10).size() == 10);
  CHECK(office.all_settled(10).size() == 10);
  CHECK(postman.figures().waiting == slow_ones);
}

TEST_CASE("postman: a server that closed its kept connection is asked anew, without a failure") {
  std::atomic<int> asked = 0;
  Receiver receiver([&](const auto&) { return ++asked == 2 ? "close" : Receiver::ok; });
  Office office;
  Postman postman(quick_options(), office);
  postman.start();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    postman.send(i, notification("s", receiver.url(), std::to_string(i)));
  }
  CHECK(receiver.bodies(4) == Texts{"1", "2", "2", "3"});
  CHECK(office.all_settled(3).size() == 3);
  CHECK(postman.figures().failed_attempts == 0);
}

TEST_CASE("postman: messages that nobody waits for any more are dropped") {
  const auto nowhere = fmt::format("http://127.0.0.1:{}/", testing::free_port());
  Office office;
  Postman postman(quick_options(), office);
  postman.start();
  office.give_up("failed too often");
  for (std::uint64_t i = 1; i <= 3; ++i) {
    postman.send(i, notification("failed too often", nowhere, "x"));
  }
  CHECK(office.all_settled(3).size() == 3);
  for (std::uint64_t i = 4; i <= 6; ++i) postman.send(i, notification("deleted", nowhere, "x"));
  postman.send(7, notification("deleted too", nowhere, "x"));
  office.reports(3);
  postman.forget("deleted");
  CHECK(office.all_settled(6).size() == 6);
  CHECK_FALSE(office.all_settled(6).contains(7));
  CHECK(postman.figures().dropped == 6);
}

/// Puts it into the outbox and sends it.
void post(Office& office, Postman& postman, std::uint64_t number,
          const ngsi::Notification& notification) {
  office.keep(number, notification);
  postman.send(number, notification);
}

TEST_CASE("postman: however many wait for a dead receiver, it gets them all, in order") {
  const int port = testing::free_port();
  const auto url = fmt::format("http://127.0.0.1:{}/", port);
  const auto elsewhere = fmt::format("http://127.0.0.1:{}/", testing::free_port());
  Office office;
  auto options = quick_options();
  options.most_held = 10;
  Postman postman(options, office);
  Texts expected;
  const auto send = [&](std::uint64_t number) {
    if (number % 7 == 0) return post(office, postman, number, notification("s", elsewhere, "x"));
    expected.push_back(std::to_string(number));
    post(office, postman, number, notification("s", url, expected.back()));
  };
  for (std::uint64_t i = 1; i <= 700; ++i) send(i);  // of an earlier life
  CHECK(postman.figures().held == 20);               // two receivers
  postman.start();
  for (std::uint64_t i = 701; i <= 1000; ++i) send(i);
  office.reports(2);
  office.jam();  // once, which is tried again
  Receiver receiver([](const auto&) { return Receiver::ok; }, port);
  receiver.requests(100);
  for (std::uint64_t i = 1001; i <= 1400; ++i) send(i);  // while it is being emptied
  CHECK(receiver.bodies(expected.size()) == expected);
  CHECK(office.all_settled(expected.size()).size() == expected.size());
  CHECK(postman.figures().arrived == expected.size());
  CHECK(postman.figures().dropped == 0);
  CHECK(postman.figures().waiting == 200);
  CHECK(postman.figures().held == 10);
  CHECK(office.fetches() > 1);
}

TEST_CASE("postman: with little memory one message of each subscription is held") {
  const auto nowhere = fmt::format("http://127.0.0.1:{}/", testing::free_port());
  Office office;
  auto options = quick_options();
  options.most_held_bytes = 1;
  Postman postman(options, office);
  for (std::uint64_t i = 1; i <= 60; ++i) {
    post(office, postman, i, notification(fmt::format("s{}", i % 3), nowhere, "x"));
  }
  CHECK(postman.figures().held == 3);
  CHECK(postman.figures().waiting == 60);
}

TEST_CASE(
    "postman: what waits on disk goes with its subscription, and what is lost there is said") {
  const auto nowhere = fmt::format("http://127.0.0.1:{}/", testing::free_port());
  Office office;
  auto options = quick_options();
  options.most_held = 2;
  Postman postman(options, office);
  postman.start();
  for (std::uint64_t i = 1; i <= 50; ++i) post(office, postman, i, notification("s", nowhere, "x"));
  office.reports(1);
  postman.forget("s");
  CHECK(office.all_settled(50).size() == 50);
  CHECK(postman.figures().dropped == 50);
  CHECK(postman.figures().waiting == 0);
  Receiver receiver;
  for (std::uint64_t i = 51; i <= 60; ++i) {  // not in the outbox
    postman.send(i, notification("t", receiver.url(), std::to_string(i)));
  }
  receiver.requests(2);
  while (postman.figures().waiting > 0) std::this_thread::yield();
  CHECK(postman.figures().arrived + postman.figures().dropped == 60);
}

TEST_CASE("postman: a receiver that has moved does not wait for where it was") {
  Receiver receiver;
  Office office;
  Postman postman(quick_options(), office);
  postman.start();
  postman.send(1,
               notification("s", fmt::format("http://127.0.0.1:{}/", testing::free_port()), "1"));
  office.reports(1);
  postman.send(2, notification("s", receiver.url(), "2"));
  CHECK(receiver.bodies(1) == Texts{"2"});
}

TEST_CASE("postman: it stops at once, whatever is under way") {
  Receiver receiver([](const auto&) { return "hang"; });
  Office office;
  auto options = quick_options();
  options.timeout = rig::patience * 10;
  {
    Postman postman(options, office);
    postman.start();
    postman.send(1, notification("s", receiver.url(), "1"));
    receiver.requests(1);
    postman.stop();
  }
  CHECK(office.all_settled(0).empty());
}

TEST_CASE("postman: for watchers alone there is nothing to bring") {
  Office office;
  Postman postman(quick_options(), office);
  postman.start();
  auto event = notification("s", "", "x");
  event.transport = ngsi::Notification::Transport::events;
  postman.send(1, event);
  CHECK(office.all_settled(1).size() == 1);
}

}  // namespace
}  // namespace sosie::delivery
