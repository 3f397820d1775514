#include "app/stop_signal.h"

#include <csignal>
#include <cstdlib>
#include <thread>

namespace sosie::app {

std::stop_token stop_on_signals() {
  // NOLINTNEXTLINE(misc-const-correctness): request_stop is const, what it does is not
  static std::stop_source stopping;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::thread([signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    stopping.request_stop();
    sigwait(&signals, &signal);
    std::_Exit(128 + signal);
  }).detach();
  return stopping.get_token();
}

}  // namespace sosie::app
