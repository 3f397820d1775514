#include "web/ngsi_tokens.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "web/access.h"
#include "wire/json/writer.h"

namespace sosie::web {
namespace {

Response refusal(int status, std::string_view error, std::string_view description) {
  json::Writer out;
  out.begin_object();
  out.member("error", error);
  out.member("description", description);
  out.end_object();
  Response response{.status = status, .body = out.take(), .is_bare = true};
  response.headers.push_back({"Content-Type", "application/json"});
  if (status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer realm=\"Sosie\""});
  return response;
}

std::string_view token_of(const Request& request) {
  const auto bearer = credential(request.header("Authorization"), "Bearer");
  return bearer ? *bearer : request.header("X-Auth-Token");
}

}  // namespace

std::string tenant_of(const Request& request, bool multiservice) {
  std::string tenant;
  if (multiservice) tenant = request.header("Fiware-Service");
  std::ranges::transform(tenant, tenant.begin(), [](unsigned char c) { return std::tolower(c); });
  return tenant;
}

bool only_reads(const Request& request) {
  return request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS" ||
         request.raw_path.starts_with("/v2/op/query");
}

Result<NgsiTokens> NgsiTokens::read(Section& broker) {
  NgsiTokens tokens;
  auto tables = TRY(broker.tables("token"));
  for (auto& table : tables) {
    Grant grant;
    grant.token = TRY(table.secret("token"));
    if (grant.token.empty()) return table.wrong("token_env", "a token is needed");
    if (table.has("tenant")) grant.tenant = TRY(table.text("tenant"));
    constexpr std::array<std::string_view, 2> ways{"write", "read"};
    const auto access = TRY(table.choice("access", "write", ways));
    grant.may_write = access == "write";
    TRY(table.finish());
    tokens.grants_.push_back(std::move(grant));
  }
  return tokens;
}

std::optional<Response> NgsiTokens::refuse(const Request& request, std::string_view tenant) const {
  const bool is_open = request.method == "OPTIONS" || request.raw_path == "/version";
  if (grants_.empty() || is_open) return std::nullopt;
  const auto shown = token_of(request);
  bool is_known = false;
  bool may = false;
  for (const auto& grant : grants_) {  // all of them, always: nobody shall learn by the time taken
    const bool is_it = is_same_secret(shown, grant.token);
    const bool fits = !grant.tenant || *grant.tenant == tenant;
    is_known = is_known || is_it;
    may = may || (is_it && fits && (grant.may_write || only_reads(request)));
  }
  if (may) return std::nullopt;
  if (is_known) return refusal(403, "Forbidden", "this token is not for that");
  return refusal(401, "Unauthorized", "a token is needed: Authorization: Bearer <token>");
}

}  // namespace sosie::web
