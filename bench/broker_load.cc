// broker_load PORT CONNECTIONS COUNT REQUESTS [--paired] [--receiver PORT]
//
// Sends COUNT HTTP requests over so many kept connections of loopback, one at a time on each, and
// prints as JSON what came of it. REQUESTS is a file of ready-made requests, each with its length in
// 4 bytes (little end first) before it; they are sent in turn, again and again.
//
// --receiver: takes notifications at this port, answers 200 and counts them.
// --paired: one connection; after each request its notification is waited for as well, and
// `to_receiver_us` is from the first byte of the request to the last of the notification.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;
using Requests = std::vector<std::string>;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

Requests read_requests(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string all((std::istreambuf_iterator<char>(file)), {});
  Requests requests;
  for (std::size_t at = 0; at + 4 <= all.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, all.data() + at, 4);
    requests.push_back(all.substr(at + 4, size));
    at += 4 + size;
  }
  if (requests.empty()) die(path);
  return requests;
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void quicken(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) die("send");
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// HTTP messages out of a stream of bytes: those with a Content-Length, and answers without a body.
class Messages {
 public:
  void add(std::string_view bytes) { bytes_ += bytes; }

  /// The head of the next whole message, which is taken out; empty: not yet.
  std::string take() {
    const auto end = bytes_.find("\r\n\r\n");
    if (end == std::string::npos) return {};
    const auto head = bytes_.substr(0, end);
    std::size_t length = 0;
    for (const auto* name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
      const auto at = head.find(name);
      if (at != std::string::npos) length = std::strtoul(head.c_str() + at + 18, nullptr, 10);
    }
    if (bytes_.size() < end + 4 + length) return {};
    bytes_.erase(0, end + 4 + length);
    return head;
  }

 private:
  std::string bytes_;
};

/// Calls `use(message's head, socket)` for what comes at sockets, until it says false.
class Loop {
 public:
  Loop() : poll_(::epoll_create1(0)) {}
  ~Loop() { ::close(poll_); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void watch(int socket) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    if (::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event) != 0) die("epoll_ctl");
  }

  template <class Use>
  void run(int listener, Use&& use) {
    std::vector<epoll_event> events(256);
    std::vector<char> buffer(1U << 18U);
    for (;;) {
      const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const int socket = events[static_cast<std::size_t>(i)].data.fd;
        if (socket == listener) {
          const int came = ::accept(listener, nullptr, nullptr);
          quicken(came);
          watch(came);
          continue;
        }
        const auto size = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
          if (listener < 0) die("the server closed a connection");
          messages_.erase(socket);
          ::close(socket);
          continue;
        }
        auto& messages = messages_[socket];
        messages.add({buffer.data(), static_cast<std::size_t>(size)});
        for (auto head = messages.take(); !head.empty(); head = messages.take()) {
          if (!use(head, socket)) return;
        }
      }
    }
  }

 private:
  int poll_;
  std::map<int, Messages> messages_;
};

/// What the receiver has seen.
struct Received {
  std::atomic<std::uint64_t> count{0};
  std::atomic<std::int64_t> last_ns{0};
};

int listen_at(int port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const auto address = loopback(port);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("bind");
  if (::listen(listener, 1024) != 0) die("listen");
  return listener;
}

void receive(int listener, Received& received) {
  Loop loop;
  loop.watch(listener);
  loop.run(listener, [&](const std::string&, int socket) {
    received.last_ns = Clock::now().time_since_epoch().count();
    ++received.count;
    send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    return true;
  });
}

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const auto address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    die("connect");
  }
  quicken(socket);
  return socket;
}

struct Report {
  std::map<std::string, std::uint64_t> statuses;
  std::vector<double> answered_us;
  std::vector<double> to_receiver_us;
  double seconds = 0;
};

double us_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::micro>(to - from).count();
}

void print_quantiles(const char* name, std::vector<double>& values) {
  if (values.empty()) return;
  std::ranges::sort(values);
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  std::printf(", \"%s\": {\"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"max\": %.1f}", name, at(0.5),
              at(0.9), at(0.99), values.back());
}

Report run(int port, std::size_t connections, std::uint64_t count, const Requests& requests) {
  Report report;
  report.answered_us.reserve(count);
  Loop loop;
  std::map<int, Clock::time_point> began;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  const auto send_next = [&](int socket) {
    began[socket] = Clock::now();
    send_all(socket, requests[sent++ % requests.size()]);
  };
  const auto start = Clock::now();
  for (std::size_t i = 0; i < connections && sent < count; ++i) {
    const int socket = connect_to(port);
    loop.watch(socket);
    send_next(socket);
  }
  loop.run(-1, [&](const std::string& head, int socket) {
    report.answered_us.push_back(us_between(began[socket], Clock::now()));
    ++report.statuses[head.substr(9, 3)];
    if (sent < count) send_next(socket);
    return ++answered < count;
  });
  report.seconds = us_between(start, Clock::now()) / 1e6;
  return report;
}

Report run_paired(int port, std::uint64_t count, const Requests& requests, Received& received) {
  Report report;
  const int socket = connect_to(port);
  Messages messages;
  std::vector<char> buffer(65536);
  const auto start = Clock::now();
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto before = received.count.load();
    const auto began = Clock::now();
    send_all(socket, requests[i % requests.size()]);
    std::string head;
    while ((head = messages.take()).empty()) {
      const auto size = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (size <= 0) die("recv");
      messages.add({buffer.data(), static_cast<std::size_t>(size)});
    }
    report.answered_us.push_back(us_between(began, Clock::now()));
    ++report.statuses[head.substr(9, 3)];
    const auto patience = Clock::now() + std::chrono::seconds(10);
    while (received.count == before) {
      if (Clock::now() > patience) die("no notification came");
      std::this_thread::yield();
    }
    report.to_receiver_us.push_back(
        us_between(began, Clock::time_point(Clock::duration(received.last_ns))));
  }
  report.seconds = us_between(start, Clock::now()) / 1e6;
  return report;
}

void print(Report& report, std::uint64_t notifications) {
  std::printf("{\"seconds\": %.3f, \"notifications\": %llu, \"statuses\": {", report.seconds,
              static_cast<unsigned long long>(notifications));
  const char* comma = "";
  for (const auto& [status, count] : report.statuses) {
    std::printf("%s\"%s\": %llu", comma, status.c_str(), static_cast<unsigned long long>(count));
    comma = ", ";
  }
  std::printf("}");
  print_quantiles("answered_us", report.answered_us);
  print_quantiles("to_receiver_us", report.to_receiver_us);
  std::printf("}\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "broker_load PORT CONNECTIONS COUNT REQUESTS [--paired] [--receiver PORT]\n");
    return 2;
  }
  const int port = std::atoi(argv[1]);
  const auto connections = std::strtoul(argv[2], nullptr, 10);
  const auto count = std::strtoull(argv[3], nullptr, 10);
  const auto requests = read_requests(argv[4]);
  bool is_paired = false;
  int receiver = 0;
  for (int i = 5; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--paired") is_paired = true;
    if (std::string_view(argv[i]) == "--receiver" && i + 1 < argc) receiver = std::atoi(argv[i + 1]);
  }
  // Shared: the receiver's thread is never joined, it ends with the program.
  const auto received = std::make_shared<Received>();
  if (receiver != 0) {
    const int listener = listen_at(receiver);
    std::thread([listener, received] { receive(listener, *received); }).detach();
  }
  auto report = is_paired ? run_paired(port, count, requests, *received)
                          : run(port, connections, count, requests);
  const auto patience = Clock::now() + std::chrono::seconds(30);
  while (receiver != 0 && received->count < count && Clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  print(report, received->count);
  std::fflush(stdout);
  std::_Exit(0);
}
