#include "notifying/http_post.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/log.h"
#include "core/in_clear.h"

namespace sosie {
namespace {

/// RFC 9110, 5.6.2 (token) and 5.5 (field value): what cannot smuggle another header in.
bool is_header(std::string_view name, std::string_view value) {
  const auto is_token = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  const auto is_text = [](char c) { return c == '\t' || (c >= ' ' && c != '\x7f') || c < 0; };
  return !name.empty() && std::ranges::all_of(name, is_token) &&
         std::ranges::all_of(value, is_text);
}

Result<http::Headers> read_headers(Section& section) {
  http::Headers headers;
  const auto own = TRY(section.text_map("headers"));
  for (const auto& [name, value] : own) {
    if (!is_header(name, value)) {
      return section.wrong("headers", fmt::format("has '{}', which is no HTTP header", name));
    }
    headers.push_back({name, value});
  }
  if (!http::find_header(headers, "authorization").empty()) {
    return section.wrong("headers",
                         "has an Authorization, which is a secret; expected token_env, or url_env "
                         "with user:password@ in the address");
  }
  const auto token = TRY(section.secret("token"));
  if (token.empty()) return headers;
  if (!is_header("Authorization", token)) return section.wrong("token", "is no HTTP header");
  headers.push_back({"Authorization", "Bearer " + token});
  return headers;
}

Result<std::chrono::milliseconds> read_timeout(Section& section) {
  const auto timeout = TRY(section.duration("timeout", std::chrono::seconds(10)));
  if (timeout <= Duration{} || timeout > std::chrono::seconds(10)) {
    return section.wrong("timeout", "is expected to be more than 0 and at most 10s");
  }
  return std::max(std::chrono::floor<std::chrono::milliseconds>(timeout),
                  std::chrono::milliseconds(1));
}

Result<http::Request> read_exchange(Section& section) {
  http::Request request;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}};
  request.timeout = TRY(read_timeout(section));
  request.trust.ca_file = TRY(section.path("ca_file", ""));
  request.trust.verify = TRY(section.flag("verify", true));
  return request;
}

/// In the scenario where there is no secret in it, else outside.
Result<std::string> read_address(Section& section) {
  auto secret = TRY(section.secret("url"));
  if (!secret.empty()) {
    if (section.has("url")) return section.wrong("url", "stands beside url_env; expected one");
    if (!http::parse_url(secret)) {
      return section.wrong("url_env", "does not hold an http or https address");
    }
    return secret;
  }
  auto address = TRY(section.text("url"));
  const auto url = http::parse_url(address);
  if (!url) return section.wrong("url", url.error().what);
  if (!(*url).password.empty()) {
    return section.wrong("url", "holds a password; expected the whole of it by url_env");
  }
  return address;
}

}  // namespace

Result<HttpPost> HttpPost::read(Section& section) {
  auto request = TRY(read_exchange(section));
  request.url = TRY(read_address(section));
  const auto url = http::parse_url(request.url);
  if (!url) return section.wrong("url", url.error().what);
  auto headers = TRY(read_headers(section));
  if (!(*url).is_tls) {
    const bool is_secret = section.has("url_env") || section.has("url_file");
    const auto secret = http::find_header(headers, "authorization");
    warn_of_clear(section, is_secret ? "url_env" : "url", is_secret ? request.url : secret,
                  (*url).host, "https://");
  }
  request.headers.insert(request.headers.end(), headers.begin(), headers.end());
  return HttpPost(std::move(request), (*url).authority());
}

Result<HttpPost> HttpPost::read_secret(Section& section) {
  auto request = TRY(read_exchange(section));
  request.url = TRY(section.secret("url"));
  if (request.url.empty()) {
    return section.wrong("url_env",
                         "is missing: the environment's variable with the address "
                         "(or url_file, a file), for whoever has it may post there");
  }
  const auto url = http::parse_url(request.url);
  if (!url) return section.wrong("url_env", "does not hold an http or https address");
  if (!(*url).is_tls) {
    warn_of_clear(section, "url_env", request.url, (*url).host, "https://");
  }
  return HttpPost(std::move(request), (*url).authority());
}

void HttpPost::append_path(std::string_view path) {
  if (request_.url.ends_with('/')) request_.url.pop_back();
  request_.url += path;
}

Result<void> HttpPost::send(std::string body, const AlarmEvent& event, std::string_view notifier) {
  request_.body = std::move(body);
  const auto answer = client_.send(request_);
  if (!answer) return Error(answer.error()).in(host_);
  const int status = (*answer).status;
  if (status >= 200 && status < 300) return {};
  if (status == 400 || status == 413 || status == 422) {
    log::warning(notifier, "{} refuses alarm {} ({}) with status {}: not sent again", host_,
                 event.alarm.id, to_text(event.what), status);
    return {};
  }
  return Error{Errc::unavailable, fmt::format("{}: answered {}", host_, status)};
}

}  // namespace sosie
