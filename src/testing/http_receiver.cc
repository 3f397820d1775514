#include "testing/http_receiver.h"

#include <utility>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sosie::testing {
namespace {

std::string read_request(int connection) {
  std::string text;
  std::size_t whole = std::string::npos;
  while (text.size() < whole) {
    char bytes[4096];
    const auto got = ::recv(connection, bytes, sizeof bytes, 0);
    if (got <= 0) break;
    text.append(bytes, static_cast<std::size_t>(got));
    const auto head = text.find("\r\n\r\n");
    const auto length = text.find("Content-Length: ");
    if (head == std::string::npos) continue;
    whole = head + 4 + (length < head ? std::stoul(text.substr(length + 16)) : 0);
  }
  return text;
}

}  // namespace

HttpReceiver::HttpReceiver(std::string status)
    : HttpReceiver([status = std::move(status)](const std::string&) { return Answer{status}; }) {}

HttpReceiver::HttpReceiver(Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  REQUIRE(::listen(listener_, 8) == 0);
  thread_ = std::jthread([this] { serve(); });
}

HttpReceiver::~HttpReceiver() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::vector<std::string> HttpReceiver::bodies() {
  auto all = requests();
  for (auto& request : all) request.erase(0, request.find("\r\n\r\n") + 4);
  return all;
}

void HttpReceiver::serve() {
  for (;;) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    auto request = read_request(connection);
    const auto answer = script_(request);
    requests_.with([&](auto& all) { all.push_back(std::move(request)); });
    if (answer.status.empty()) {
      char byte = 0;
      while (::recv(connection, &byte, 1, 0) > 0) continue;
    } else {
      const auto text =
          fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                      answer.status, answer.headers, answer.body.size(), answer.body);
      ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    }
    ::close(connection);
  }
}

}  // namespace sosie::testing
