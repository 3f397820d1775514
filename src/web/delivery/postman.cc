#include "web/delivery/postman.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <map>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "web/delivery/http_sender.h"
#include "web/delivery/mqtt_sender.h"

namespace sosie::delivery {
namespace {

constexpr auto tidy_period = std::chrono::seconds(1);
/// To forget a message costs a part of a commit, so those of a moment are forgotten together.
constexpr auto settling = std::chrono::milliseconds(50);
constexpr auto soonest = std::chrono::milliseconds(20);  ///< after a failure, whatever comes
constexpr std::size_t page_size = 200;                   ///< messages read from the outbox at once

std::size_t bytes_of(const ngsi::Notification& notification) {
  std::size_t bytes = sizeof notification + notification.body.size() + notification.url.size();
  for (const auto& header : notification.headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

/// Scheme, host and port.
std::string receiver_of(const ngsi::Notification& notification) {
  if (notification.transport != ngsi::Notification::Transport::http) {
    return fmt::format("{}:{}", notification.host, notification.port);
  }
  const auto& url = notification.url;
  const auto host = url.find("://");
  return url.substr(0, host == std::string::npos ? host : url.find_first_of("/?#", host + 3));
}

}  // namespace

/// Everything but the counters belongs to its thread.
class Postman::Core {
 public:
  Core(Options options, PostOffice& office)
      : options_(std::move(options)), office_(office), http_(io_, options_.trust), mqtt_(io_) {}
  ~Core() { stop(); }  // NOLINT(bugprone-exception-escape): what throws here is out of memory
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  void start() {
    has_started_ = true;
    tidy_up();
    thread_ = std::jthread([this] { io_.run(); });
  }

  /// What is under way is not ended but forgotten, with the io_context.
  void stop() {
    io_.stop();
    thread_ = {};
    reader_.join();
    tell_settled();
  }

  void send(std::uint64_t number, ngsi::Notification notification) {
    waiting_.fetch_add(1, std::memory_order_relaxed);
    Item item{number, std::move(notification)};
    if (!has_started_) return take(std::move(item));  // nobody else is here yet
    asio::post(io_, [this, item = std::move(item)]() mutable { take(std::move(item)); });
  }

  void forget(std::string subscription) {
    asio::post(io_, [this, name = Name(std::move(subscription), "")] {
      for (auto it = queues_.lower_bound(name);
           it != queues_.end() && it->first.first == name.first; ++it) {
        it->second.is_forgotten = true;
      }
    });
  }

  Figures figures() const {
    return {.arrived = arrived_.load(std::memory_order_relaxed),
            .failed_attempts = failed_.load(std::memory_order_relaxed),
            .dropped = dropped_.load(std::memory_order_relaxed),
            .waiting = waiting_.load(std::memory_order_relaxed),
            .held = held_.load(std::memory_order_relaxed)};
  }

 private:
  struct Item {
    std::uint64_t number = 0;
    ngsi::Notification notification;
    bool has_failed = false;  ///< and it was reported
  };
  /// What waits for one subscription's receiver. The first is under way.
  struct Queue {
    std::list<Item> items;
    std::uint64_t last = 0;                       ///< number of the last that is or was in `items`
    std::uint64_t on_disk = 0;                    ///< that wait behind them, in the outbox alone
    std::uint64_t newest_on_disk = 0;             ///< number of the last of these
    bool is_walked = false;                       ///< by a coroutine
    bool is_forgotten = false;                    ///< nobody waits for what is in it
    Timer* pause = nullptr;                       ///< that it waits for after a failure
    std::chrono::steady_clock::time_point due{};  ///< its end
  };
  /// Subscription, then its receiver: one that has moved does not wait for where it was.
  using Name = std::pair<std::string, std::string>;

  void take(Item item) {
    auto& [name, queue] =
        *queues_.try_emplace({item.notification.subscription, receiver_of(item.notification)})
             .first;
    if (item.number <= queue.last) return;  // a page of the outbox was faster
    if (queue.on_disk > 0 || is_full(queue)) {
      ++queue.on_disk;
      queue.newest_on_disk = item.number;
    } else {
      hold(queue, std::move(item));
    }
    if (queue.pause != nullptr) hurry(queue);
    if (std::exchange(queue.is_walked, true)) return;
    asio::co_spawn(io_, walk(name, queue), asio::detached);
  }

  /// Something new has come for a receiver that failed: maybe it is back.
  static void hurry(Queue& queue) {
    queue.due = std::min(queue.due, stopwatch() + soonest);
    queue.pause->cancel();
  }

  Task<void> rest(Queue& queue, std::chrono::milliseconds pause) {
    Timer timer(io_);
    queue.due = stopwatch() + pause;
    queue.pause = &timer;
    while (stopwatch() < queue.due) {
      timer.expires_at(queue.due);
      co_await timer.async_wait(as_result);
    }
    queue.pause = nullptr;
  }

  bool is_full(const Queue& queue) const {
    return queue.items.size() >= options_.most_held ||
           (held_bytes_ > options_.most_held_bytes && !queue.items.empty());
  }

  void hold(Queue& queue, Item item) {
    held_bytes_ += bytes_of(item.notification);
    held_.fetch_add(1, std::memory_order_relaxed);
    queue.last = item.number;
    queue.items.push_back(std::move(item));
  }

  void settle_first(Queue& queue, std::atomic<std::uint64_t>& counter) {
    const auto& item = queue.items.front();
    counter.fetch_add(1, std::memory_order_relaxed);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    held_.fetch_sub(1, std::memory_order_relaxed);
    held_bytes_ -= bytes_of(item.notification);
    if (settled_.empty()) tell_settled_soon();
    settled_.push_back(item.number);
    queue.items.pop_front();
  }

  void tell_settled_soon() {
    settler_.expires_after(settling);
    settler_.async_wait([this](error_code failed) {
      if (!failed) tell_settled();
    });
  }

  void tell_settled() {
    if (!settled_.empty()) office_.settled(std::exchange(settled_, {}));
  }

  /// Brings all of a queue, one after the other. A node of a map stays where it is.
  Task<void> walk(const Name& name, Queue& queue) {
    auto pause = options_.first_pause;
    while (!queue.items.empty() || co_await refill(name, queue)) {
      Outcome outcome;
      if (!queue.is_forgotten) outcome = co_await attempt(queue.items.front().notification);
      if (queue.is_forgotten || !tell(queue, outcome)) {
        queue.is_forgotten = true;  // and what is on disk behind it as well
        while (!queue.items.empty()) settle_first(queue, dropped_);
      } else if (outcome.has_arrived) {
        settle_first(queue, arrived_);
        pause = options_.first_pause;
      } else {
        co_await rest(queue, pause);
        pause = std::min(pause * 2, options_.longest_pause);
      }
    }
    queues_.erase(queues_.find(name));
  }

  Task<void> wait(std::chrono::milliseconds span) {
    Timer timer(io_, stopwatch() + span);
    co_await timer.async_wait(as_result);
  }

  /// From the outbox. False: there is nothing.
  Task<bool> refill(const Name& name, Queue& queue) {
    auto pause = options_.first_pause;
    while (queue.items.empty() && queue.on_disk > 0) {
      const auto newest = queue.newest_on_disk;
      auto page = co_await fetch(name.first, queue.last);
      if (!page) {
        log::warning("ngsi", "the outbox cannot be read: {}; trying again", page.error().what);
        co_await wait(pause);
        pause = std::min(pause * 2, options_.longest_pause);
        continue;
      }
      hold_page(name, queue, *page);
      // All that was sent before is on disk, so what was not found is not there: it was damaged.
      if (page->has_more || queue.newest_on_disk != newest) continue;
      if (queue.items.empty()) give_up(queue);
    }
    co_return !queue.items.empty();
  }

  void hold_page(const Name& name, Queue& queue, PostOffice::Page& page) {
    for (auto& letter : page.letters) {
      if (letter.number <= queue.last || receiver_of(letter.notification) != name.second) continue;
      if (letter.number <= queue.newest_on_disk && queue.on_disk > 0) --queue.on_disk;
      hold(queue, {letter.number, std::move(letter.notification)});
    }
    queue.last = std::max(queue.last, page.last);
  }

  void give_up(Queue& queue) {
    log::error("ngsi", "{} notifications are not in the outbox any more", queue.on_disk);
    dropped_.fetch_add(queue.on_disk, std::memory_order_relaxed);
    waiting_.fetch_sub(queue.on_disk, std::memory_order_relaxed);
    queue.on_disk = 0;
  }

  Task<Result<PostOffice::Page>> fetch(const std::string& subscription, std::uint64_t after) {
    using Fetched = Result<PostOffice::Page>;
    auto begin = [&](auto done) {
      asio::post(reader_, [this, subscription, after, done = std::move(done)]() mutable {
        asio::post(io_, [fetched = office_.fetch(subscription, after, page_size),
                         done = std::move(done)]() mutable { done(std::move(fetched)); });
      });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Fetched)>(
        begin, asio::use_awaitable_t<Executor>{});
  }

  Task<Outcome> attempt(const ngsi::Notification& notification) {
    const auto timeout = notification.timeout.count() > 0 ? notification.timeout : options_.timeout;
    switch (notification.transport) {
      case ngsi::Notification::Transport::http:
        co_return co_await http_.send(notification, timeout);
      case ngsi::Notification::Transport::mqtt:
        co_return co_await mqtt_.send(notification, timeout);
      case ngsi::Notification::Transport::events:
        break;  // who watches has it already
    }
    co_return Outcome{.has_arrived = true};
  }

  /// What became of the first of a queue. Where it failed, those behind it have failed with it:
  /// each is a failure to who counts them, once. False: nobody waits for the subscription's
  /// messages any more.
  bool tell(Queue& queue, const Outcome& outcome) {
    if (outcome.has_arrived) return report(queue.items.front(), outcome);
    failed_.fetch_add(1, std::memory_order_relaxed);
    return std::ranges::all_of(queue.items, [&](Item& item) {
      return std::exchange(item.has_failed, true) || report(item, outcome);
    });
  }

  bool report(const Item& item, const Outcome& outcome) {
    return office_.report({.subscription = item.notification.subscription,
                           .number = item.notification.number,
                           .is_success = outcome.has_arrived,
                           .status = outcome.status,
                           .reason = outcome.reason});
  }

  void tidy_up() {
    http_.tidy_up();
    mqtt_.tidy_up();
    tidier_.expires_after(tidy_period);
    tidier_.async_wait([this](error_code failed) {
      if (!failed) tidy_up();
    });
  }

  const Options options_;
  PostOffice& office_;
  std::map<Name, Queue> queues_;
  std::atomic<std::uint64_t> arrived_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> waiting_{0};
  std::atomic<std::uint64_t> held_{0};
  std::size_t held_bytes_ = 0;
  std::vector<std::uint64_t> settled_;  ///< that the office was not told of yet
  bool has_started_ = false;            ///< set before there is a thread
  asio::io_context io_{1};              ///< with it go the coroutines, which use what is above
  asio::executor_work_guard<Executor> work_{io_.get_executor()};
  asio::thread_pool reader_{1};  ///< of the outbox
  Timer tidier_{io_};
  Timer settler_{io_};
  HttpSender http_;
  MqttSender mqtt_;
  std::jthread thread_;
};

Postman::Postman(const Options& options, PostOffice& office)
    : core_(std::make_unique<Core>(options, office)) {}
Postman::~Postman() = default;
void Postman::start() {
  core_->start();
}
void Postman::stop() {
  core_->stop();
}
void Postman::send(std::uint64_t number, ngsi::Notification notification) {
  core_->send(number, std::move(notification));
}
void Postman::forget(std::string subscription) {
  core_->forget(std::move(subscription));
}
Postman::Figures Postman::figures() const {
  return core_->figures();
}

}  // namespace sosie::delivery
