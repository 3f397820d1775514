#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/ssl.hpp>

#include "base/result.h"
#include "twin/broker/notification.h"
#include "web/delivery/names.h"
#include "wire/http/client.h"

namespace sosie::delivery {

/// Sends notifications over HTTP, and keeps connections for the next one to the same server.
///
/// Threads: that of `io`.
class HttpSender {
 public:
  HttpSender(asio::io_context& io, http::Trust trust)
      : io_(io), names_(io), trust_(std::move(trust)) {}

  /// One attempt. An answer's head is an answer, whatever its status; a redirect is not followed.
  Task<Outcome> send(const ngsi::Notification& notification, std::chrono::milliseconds timeout);

  /// Closes connections that nobody has used for some seconds.
  void tidy_up();

 private:
  class Connection;
  using Held = std::shared_ptr<Connection>;  ///< shared with the timer that ends it

  Task<Outcome> open(Connection& connection);
  Task<Outcome> exchange(Connection& connection, const std::string& text, bool wants_no_body);
  Held reuse(const std::string& origin);
  void keep(Held connection);
  Result<asio::ssl::context*> tls();

  asio::io_context& io_;
  Names names_;
  const http::Trust trust_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::multimap<std::string, Held> idle_;  ///< by origin
};

/// With what may not stand in a URL at all percent-encoded; the rest as its author wrote it.
std::string escaped_url(std::string_view url);

/// The request's bytes. Characters that would end a line of the head are made blanks.
std::string request_text(const ngsi::Notification& notification, const http::Url& url);

}  // namespace sosie::delivery
