#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sosie::http {

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};
using Headers = std::vector<Header>;

/// The first of that name, case as you like; empty if there is none.
std::string_view find_header(const Headers& headers, std::string_view name);

/// "https://user:secret@host:8443/path?query" in its parts.
struct Url {
  bool is_tls = false;
  std::string host;  ///< an IPv6 address without its brackets
  std::string port;  ///< "443", "80" or as written
  std::string target = "/";
  std::string user;  ///< percent-decoded
  std::string password;
  bool operator==(const Url&) const = default;

  /// As the Host header wants it: the port only where it is not the scheme's own.
  std::string authority() const;
};
Result<Url> parse_url(std::string_view text);

/// Everything but letters, digits and "-._~" as %XX: for a value in a query, a name in a path.
std::string percent_encoded(std::string_view text);

/// What a TLS server must show. The defaults are the safe ones: the system's authorities.
struct Trust {
  std::string ca_file{};  ///< PEM; empty: the system's
  bool verify = true;     ///< false: anyone may answer
};

struct Request {
  std::string method = "GET";
  std::string url;  ///< user:password in it become Basic credentials
  Headers headers{};
  std::string body{};
  std::chrono::milliseconds timeout{
      10'000};  ///< for the whole exchange: name, connection, TLS, answer
  Trust trust{};
  std::uint64_t max_answer = std::uint64_t{8} << 20U;  ///< bytes of body; more is an Error
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

/// One exchange over a connection of its own. Blocks until the answer is there or `timeout` is
/// over. Any status is an answer; redirects are not followed. Errors: `invalid` (the URL),
/// `unavailable` (no such host, refused, TLS not trusted, closed), `timeout`, `corrupt` (not HTTP).
/// Threads: any.
Result<Response> fetch(const Request& request);

/// Keeps its connection open for the next request to the same server. A connection that the server
/// closed meanwhile is opened anew, once, if nothing of the answer had come.
///
/// Threads: one at a time.
class Client {
 public:
  Client();
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  Result<Response> send(const Request& request);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace sosie::http
