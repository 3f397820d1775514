#include "wire/mqtt/reach.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sosie::mqtt {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

class Socket {
 public:
  explicit Socket(const addrinfo& to)
      : fd_(socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol)) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// 0, or errno.
int try_address(const addrinfo& to, const SocketWait& wait) {
  const Socket socket(to);
  if (socket.fd() < 0) return errno;
  if (connect(socket.fd(), to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  while (!wait.wait(socket.fd(), true).writable) {
    if (wait.is_over()) return ETIMEDOUT;
  }
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

Result<void> reach(const std::string& host, int port, const SocketWait& wait) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int found = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (found != 0) return Error{Errc::not_found, gai_strerror(found)};
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(list);
  int error = 0;
  for (const addrinfo* to = addresses.get(); to != nullptr; to = to->ai_next) {
    error = try_address(*to, wait);
    if (error == 0) return {};
  }
  return Error{error == ETIMEDOUT ? Errc::timeout : Errc::unavailable, std::strerror(error)};
}

}  // namespace sosie::mqtt
