#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "web/guest.h"
#include "web/http.h"
#include "web/listener.h"

namespace sosie::web {

/// An HTTP/1.1 server: keep-alive, pipelining, TLS, gzip both ways, limits and time-outs on
/// everything a client can do.
///
/// One thread does all input and output. What `is_quick` says is answered on it at once; all else
/// is answered on a pool of workers, where it may block. Life: `listen` as often as needed,
/// `start`, `stop`.
class Server {
 public:
  struct Limits {
    std::size_t body_bytes = std::size_t{16} << 20U;    ///< also after decompression; more: 413
    std::size_t header_bytes = std::size_t{16} << 10U;  ///< more: 431
    std::size_t connections = 1024;                     ///< more: 503
    std::size_t workers = 32;
    std::chrono::milliseconds idle{75'000};      ///< for the next request's header to arrive
    std::chrono::milliseconds transfer{60'000};  ///< for a body, an answer, or a piece of events
    std::chrono::milliseconds release{30'000};   ///< for the number that an answer waits for
    std::chrono::milliseconds farewell{2'000};   ///< for running answers when it stops
  };
  struct Callbacks {
    Handler handle;                                ///< a worker's thread, or the server's if quick
    std::function<bool(const Request&)> is_quick;  ///< answered in some 50 us, without waiting
    Guest* guest = nullptr;                        ///< outlives the server; null: none
  };

  Server(Callbacks callbacks, Limits limits);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Takes the listener's port, or one of the next `attempts` - 1 where it is taken; returns the
  /// one it got. Errors: unavailable (all taken, no such address), invalid (certificate, key).
  Result<int> listen(const Listener& listener, int attempts);

  void start();

  /// Takes no more connections, closes idle ones, lets running answers finish, then closes all.
  void stop();

  std::size_t connections() const;

  /// Answers that wait for `number` or a lower one may go out. Any thread.
  void release(std::uint64_t number);

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace sosie::web
