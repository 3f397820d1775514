#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/delivery/postman.h"

namespace sosie::delivery::rig {

constexpr auto patience = std::chrono::seconds(20);

/// A receiver on loopback that answers each request as it is told: bytes, "hang", or "close".
class Receiver {
 public:
  using Answer = std::function<std::string(const std::string& request)>;
  static constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  explicit Receiver(
      Answer answer = [](const auto&) { return ok; }, int port = 0)
      : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    REQUIRE(::listen(listener_, 64) == 0);
    acceptor_ = std::jthread([this] { accept(); });
  }
  ~Receiver() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::scoped_lock lock(mutex_);
      for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
    }
    talkers_.clear();
    ::close(listener_);
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  int port() const { return port_; }
  std::string url(std::string_view path = "/") const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
  }

  /// Waits for so many requests; all there are.
  std::vector<std::string> requests(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, patience, [&] { return requests_.size() >= count; });
    return requests_;
  }
  std::vector<std::string> bodies(std::size_t count) {
    auto all = requests(count);
    for (auto& text : all) text = text.substr(text.find("\r\n\r\n") + 4);
    return all;
  }
  std::size_t connections() {
    const std::scoped_lock lock(mutex_);
    return accepted_;
  }

 private:
  void accept() {
    for (;;) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      const std::scoped_lock lock(mutex_);
      ++accepted_;
      open_.insert(connection);
      talkers_.emplace_back([this, connection] { talk(connection); });
    }
  }

  void talk(int connection) {
    for (;;) {
      const auto request = read_request(connection);
      if (request.empty()) break;
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(request);
        came_.notify_all();
      }
      const auto answer = answer_(request);
      if (answer == "close") break;
      if (answer != "hang") ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      if (answer.find("Connection: close") != std::string::npos) break;
    }
    const std::scoped_lock lock(mutex_);
    open_.erase(connection);
    ::close(connection);
  }

  static std::string read_request(int connection) {
    std::string text;
    char byte = 0;
    while (text.find("\r\n\r\n") == std::string::npos) {
      if (::recv(connection, &byte, 1, 0) != 1) return {};
      text += byte;
    }
    std::size_t length = 0;
    if (const auto at = text.find("Content-Length: "); at != std::string::npos) {
      length = std::stoul(text.substr(at + 16));
    }
    for (; length > 0 && ::recv(connection, &byte, 1, 0) == 1; --length) text += byte;
    return text;
  }

  const Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> requests_;
  std::set<int> open_;
  std::size_t accepted_ = 0;
  std::vector<std::jthread> talkers_;
  std::jthread acceptor_;
};

/// Writes down what the postman says.
class Office final : public PostOffice {
 public:
  void settled(std::vector<std::uint64_t> numbers) override {
    const std::scoped_lock lock(mutex_);
    settled_.insert(numbers.begin(), numbers.end());
    for (const auto number : numbers) outbox_.erase(number);
    said_.notify_all();
  }
  bool report(const ngsi::Delivery& delivery) override {
    const std::scoped_lock lock(mutex_);
    reports_.push_back(delivery);
    said_.notify_all();
    return !deaf_.contains(delivery.subscription);
  }

  Result<Page> fetch(const std::string& subscription, std::uint64_t after,
                     std::size_t limit) override {
    const std::scoped_lock lock(mutex_);
    ++fetches_;
    if (std::exchange(is_jammed_, false)) return Error{Errc::unavailable, "the disk says no"};
    Page page{.letters = {}, .last = after};
    for (const auto& [number, letter] : outbox_) {
      if (number <= after || letter.subscription != subscription) continue;
      if (page.letters.size() == limit) {
        page.has_more = true;
        break;
      }
      page.letters.push_back({number, letter});
      page.last = number;
    }
    return page;
  }

  /// As who keeps things: what is sent stands in the outbox.
  void keep(std::uint64_t number, const ngsi::Notification& notification) {
    const std::scoped_lock lock(mutex_);
    outbox_[number] = notification;
  }
  void jam() {
    const std::scoped_lock lock(mutex_);
    is_jammed_ = true;
  }
  std::size_t fetches() {
    const std::scoped_lock lock(mutex_);
    return fetches_;
  }

  /// From now on nobody waits for this subscription's messages.
  void give_up(const std::string& subscription) {
    const std::scoped_lock lock(mutex_);
    deaf_.insert(subscription);
  }
  std::set<std::uint64_t> all_settled(std::size_t count) {
    std::unique_lock lock(mutex_);
    said_.wait_for(lock, patience, [&] { return settled_.size() >= count; });
    return settled_;
  }
  std::vector<ngsi::Delivery> reports(std::size_t count) {
    std::unique_lock lock(mutex_);
    said_.wait_for(lock, patience, [&] { return reports_.size() >= count; });
    return reports_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable said_;
  std::set<std::uint64_t> settled_;
  std::vector<ngsi::Delivery> reports_;
  std::set<std::string> deaf_;
  std::map<std::uint64_t, ngsi::Notification> outbox_;
  std::size_t fetches_ = 0;
  bool is_jammed_ = false;
};

inline ngsi::Notification notification(const std::string& subscription, const std::string& url,
                                       const std::string& body) {
  ngsi::Notification made;
  made.subscription = subscription;
  made.method = "POST";
  made.url = url;
  made.headers = {{"Content-Type", "application/json; charset=utf-8"}};
  made.body = body;
  return made;
}

inline Postman::Options quick_options() {
  Postman::Options options;
  options.timeout = std::chrono::milliseconds(300);
  options.first_pause = std::chrono::milliseconds(5);
  options.longest_pause = std::chrono::milliseconds(40);
  return options;
}

}  // namespace sosie::delivery::rig
