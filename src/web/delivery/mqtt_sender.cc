#include "web/delivery/mqtt_sender.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "wire/mqtt/client.h"

namespace sosie::delivery {
namespace {

constexpr auto session_kept_idle = std::chrono::minutes(1);
constexpr auto half_keepalive = std::chrono::seconds(20);

mqtt::Config config_for(const ngsi::Notification& notification) {
  mqtt::Config config;
  config.host = notification.host;
  config.port = notification.port;
  config.version = mqtt::Version::v3_1_1;  // which every broker speaks
  config.user = notification.user;
  config.password = notification.password;
  return config;
}

std::string line_name(const ngsi::Notification& notification) {
  return fmt::format("{} {} {} {}", notification.host, notification.port, notification.user,
                     notification.password);
}

}  // namespace

/// One broker, as one user.
class MqttSender::Line {
 public:
  using Done = std::function<void(Outcome)>;

  explicit Line(mqtt::Config config)
      : config_(std::move(config)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

  void put(const ngsi::Notification& notification, std::chrono::milliseconds timeout, Done done) {
    const std::scoped_lock lock(mutex_);
    used_ = stopwatch();
    jobs_.push_back({notification.topic, notification.body, notification.qos, notification.retain,
                     timeout, std::move(done)});
    has_job_.notify_one();
  }

  bool is_idle() {
    const std::scoped_lock lock(mutex_);
    return jobs_.empty() && !is_busy_ && used_ + session_kept_idle < stopwatch();
  }

 private:
  struct Job {
    std::string topic;
    std::string payload;
    int qos = 0;
    bool retain = false;
    std::chrono::milliseconds timeout{};
    Done done;
  };

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (auto job = next(stop)) {
        const auto published = publish(*job, stop);
        // A new connection for the next one: the old one would bring this again by itself.
        if (!published) client_.reset();
        job->done(published ? Outcome{.has_arrived = true} : failure(published.error().what));
      } else if (client_ && !client_->acknowledge(stop)) {  // which keeps the connection alive
        client_.reset();
      }
    }
  }

  std::optional<Job> next(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    is_busy_ = false;
    has_job_.wait_for(lock, stop, half_keepalive, [&] { return !jobs_.empty(); });
    if (jobs_.empty() || stop.stop_requested()) return std::nullopt;
    is_busy_ = true;
    used_ = stopwatch();
    std::optional<Job> job(std::move(jobs_.front()));
    jobs_.pop_front();
    return job;
  }

  Result<void> publish(const Job& job, const std::stop_token& stop) {
    // At QoS 0 nothing else tells that the broker has gone.
    if (client_ && !client_->receive(1, Duration::zero(), stop)) client_.reset();
    if (!client_) {
      auto config = config_;
      config.timeout = job.timeout;
      auto client = TRY(mqtt::Client::create(config));
      TRY(client->connect(stop));
      client_ = std::move(client);
    }
    TRY(client_->publish(job.topic, job.payload, job.qos, job.retain, stop));
    return client_->flush(stop);
  }

  const mqtt::Config config_;
  std::mutex mutex_;
  std::condition_variable_any has_job_;
  std::deque<Job> jobs_;
  bool is_busy_ = false;
  std::chrono::steady_clock::time_point used_ = stopwatch();
  std::unique_ptr<mqtt::Client> client_;  ///< its thread's
  std::jthread thread_;
};

MqttSender::MqttSender(asio::io_context& io) : io_(io) {}
MqttSender::~MqttSender() = default;

Task<Outcome> MqttSender::send(const ngsi::Notification& notification,
                               std::chrono::milliseconds timeout) {
  auto& line = lines_[line_name(notification)];
  if (!line) line = std::make_unique<Line>(config_for(notification));
  auto begin = [&](auto done) {
    // Shared: std::function wants to be copied, and what continues a coroutine cannot be.
    const auto shared = std::make_shared<decltype(done)>(std::move(done));
    line->put(notification, timeout, [&io = io_, shared](Outcome outcome) {
      asio::post(
          io, [shared, outcome = std::move(outcome)]() mutable { (*shared)(std::move(outcome)); });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Outcome)>(
      begin, asio::use_awaitable_t<Executor>{});
}

void MqttSender::tidy_up() {
  std::erase_if(lines_, [](const auto& entry) { return entry.second->is_idle(); });
}

}  // namespace sosie::delivery
