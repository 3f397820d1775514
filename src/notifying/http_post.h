#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/alarm.h"
#include "core/section.h"
#include "wire/http/client.h"

namespace sosie {

/// Posts JSON to the one address of a notifier. Messages name its host alone: the rest of an
/// address may be a secret.
///
/// Threads: one at a time.
class HttpPost {
 public:
  /// Keys `url` (with a password in it: `url_env` or `url_file`), `headers`, `token_env` (or
  /// `token_file`), `timeout`, `ca_file`, `verify`.
  static Result<HttpPost> read(Section& section);

  /// Whoever knows the address may post to it, so it is a secret: `url_env` or `url_file` instead
  /// of `url`, and neither headers nor token.
  static Result<HttpPost> read_secret(Section& section);

  /// Puts `path` behind the address.
  void append_path(std::string_view path);

  /// A 2xx is delivered. 400, 413 and 422 mean that this body will never be taken: logged, and
  /// success, for others wait behind it. Anything else is an Error: try again.
  Result<void> send(std::string body, const AlarmEvent& event, std::string_view notifier);

 private:
  HttpPost(http::Request request, std::string host)
      : request_(std::move(request)), host_(std::move(host)) {}

  http::Request request_;  ///< all but the body
  std::string host_;
  http::Client client_;
};

}  // namespace sosie
