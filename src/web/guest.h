#pragma once

#include <cstdint>

#include "web/http.h"
#include "web/listener.h"

namespace sosie::web {

/// A protocol over HTTP that shares our ports and has rules of its own for verbs, lengths, types
/// and errors: it gets requests as they came (nothing decoded but chunks, see Request::raw_path),
/// and its answers go out as they are, with Content-Length and Date added and nothing else.
///
/// Threads: all of it from many at once.
class Guest {
 public:
  virtual ~Guest() = default;

  virtual bool owns(const Listener& listener, const Request& request) const = 0;
  /// Of a longer body nothing is read; `Request::announced_bytes` tells how long it is.
  virtual std::size_t body_limit() const = 0;
  /// Answered in some 50 us, without waiting, so on the server's own thread.
  virtual bool is_quick(const Request& request) const = 0;
  /// An answer may name a number (Response::after): then it goes out when Server::release has
  /// been called with it.
  virtual Response answer(Request& request) = 0;
  /// In place of an answer whose number was not released in time.
  virtual Response not_kept(const Request& request) = 0;
};

}  // namespace sosie::web
