#include "wire/mqtt/wait.h"

#include <algorithm>
#include <array>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sosie::mqtt {

SocketWait::SocketWait(Duration patience, const std::stop_token& stop)
    : stop_(stop), deadline_(stopwatch() + patience) {
  if (patience <= Duration::zero()) return;  // it only looks
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  on_stop_.emplace(stop, [fd = wake_] { eventfd_write(fd, 1); });
}

SocketWait::~SocketWait() {
  on_stop_.reset();  // before the descriptor it writes to goes
  if (wake_ >= 0) close(wake_);
}

Duration SocketWait::left() const {
  return std::chrono::duration_cast<Duration>(deadline_ - stopwatch());
}

Readiness SocketWait::wait(int socket, bool for_writing) const {
  using std::chrono::milliseconds;
  const auto left_ms = std::chrono::ceil<milliseconds>(left());
  const auto nap = std::clamp(left_ms, milliseconds(0), milliseconds(1000));
  const auto wanted = static_cast<short>(for_writing ? POLLIN | POLLOUT : POLLIN);
  std::array<pollfd, 2> watched{{{socket, wanted, 0}, {wake_, POLLIN, 0}}};
  if (poll(watched.data(), watched.size(), static_cast<int>(nap.count())) <= 0) return {};
  const auto got = static_cast<unsigned>(watched[0].revents);
  return {(got & (POLLIN | POLLHUP | POLLERR)) != 0, (got & (POLLOUT | POLLERR)) != 0};
}

}  // namespace sosie::mqtt
