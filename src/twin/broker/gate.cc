#include "twin/broker/gate.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {
namespace {

bool has_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

std::uint64_t content_length(const Request& request) {
  const auto length = to_integer(find_header(request.headers, "Content-Length"));
  return length && *length > 0 ? static_cast<std::uint64_t>(*length) : 0;
}

NgsiError unsupported(std::string description) {
  return {.status = 415, .error = "UnsupportedMediaType", .description = std::move(description)};
}

Checked<void> check_content_type(const Request& request, bool is_value) {
  if (!has_header(request.headers, "Content-Type")) {
    return unsupported(
        "Content-Type header not used, default application/octet-stream is not supported");
  }
  const auto type = media_type(request);
  if (type == "application/json" || (is_value && type == "text/plain")) return {};
  return unsupported(fmt::format("not supported content type: {}", type));
}

/// An id or a name as payloads may have them. Beyond ASCII more is let through, since entities that
/// came by other ways than NGSI may have such names.
bool is_path_part(std::string_view part) {
  constexpr unsigned char del = 0x7F;
  return !has_forbidden(part) && std::ranges::none_of(part, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == del || c == '&' || c == '?' || c == '/' || c == '#';
  });
}

}  // namespace

Checked<void> check_length(const Request& request, const Options& options) {
  const auto announced = content_length(request);
  const auto size =
      std::max<std::uint64_t>({announced, request.announced_bytes, request.body.size()});
  if (size > options.payload_limit) {
    return NgsiError{.status = 413,
                     .error = "RequestEntityTooLarge",
                     .description = fmt::format("payload size: {}, max size supported: {}", size,
                                                options.payload_limit)};
  }
  if (has_body(request.method) && announced == 0) {
    return NgsiError{.status = 411,
                     .error = "ContentLengthRequired",
                     .description = "Zero/No Content-Length in PUT/POST/PATCH request"};
  }
  return {};
}

Checked<void> check_media(const Request& request, bool is_value) {
  const bool takes_json = accepts(request, "application/json");
  const bool takes_value = is_value && (request.method == "GET" || accepts(request, "text/plain"));
  if (!takes_json && !takes_value) {
    return NgsiError{.status = 406,
                     .error = "NotAcceptable",
                     .description = "acceptable MIME types: application/json"};
  }
  if (has_body(request.method)) return check_content_type(request, is_value);
  if (has_header(request.headers, "Content-Type")) {
    return bad_request(
        "Orion accepts no payload for GET/DELETE requests. HTTP header Content-Type is thus "
        "forbidden");
  }
  return {};
}

Checked<void> fill(Call& call, const Options& options) {
  const auto& headers = call.request.headers;
  call.parameters = TRY(Parameters::parse(call.request.query));
  if (options.multiservice) {
    call.tenant = TRY(tenant_name(find_header(headers, "Fiware-Service")));
  }
  if (const auto path = find_header(headers, "Fiware-ServicePath"); !path.empty()) {
    call.scope = TRY(Scope::parse(path));
  }
  for (const auto& part : call.captured) {
    if (!is_path_part(part)) return bad_request("invalid character in URI");
    if (part.size() > 256) {
      return bad_request(
          fmt::format("entity id length: {}, max length supported: 256", part.size()));
    }
  }
  return {};
}

}  // namespace sosie::ngsi
