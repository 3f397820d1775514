#include "wire/ngsi/publisher.h"

#include "base/text.h"
#include "base/time_text.h"
#include "wire/json/writer.h"

namespace sosie::context {
namespace {

constexpr std::string_view usual_type = "Device";

void write_metadata(json::Writer& out, std::string_view name, std::string_view type,
                    std::string_view value) {
  out.key(name);
  out.begin_object();
  out.member("type", type);
  out.member("value", value);
  out.end_object();
}

/// The attributes as members, with no braces around.
std::string members(std::span<const Attribute> attributes) {
  json::Writer out;
  for (const Attribute& attribute : attributes) {
    out.key(attribute.name);
    out.begin_object();
    out.member("type", "Number");
    out.member("value", attribute.value);
    out.key("metadata");
    out.begin_object();
    write_metadata(out, "TimeInstant", "DateTime", to_iso8601(attribute.at));
    if (!attribute.unit.empty()) write_metadata(out, "unit", "Text", attribute.unit);
    out.end_object();
    out.end_object();
  }
  return out.take();
}

bool is_taken(int status) {
  return status >= 200 && status < 300;
}

}  // namespace

Publisher::Publisher(Address address) : address_(std::move(address)) {}

Result<int> Publisher::ask(std::string_view method, std::string path, std::string body) {
  http::Request request;
  request.method = method;
  request.url = address_.base + std::move(path);
  request.headers = address_.headers();
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = std::move(body);
  request.trust = address_.trust;
  const auto response = TRY(client_.send(request));
  answer_ = is_taken(response.status) ? std::string() : said(response);
  if (response.status == 429 || response.status >= 500) return Error{Errc::unavailable, answer_};
  if (response.status == 401 || response.status == 403) {
    return Error{Errc::invalid, answer_ + " (is SOSIE_TOKEN the right one?)"};
  }
  return response.status;
}

Result<void> Publisher::create(std::string_view entity, const std::string& attributes) {
  const auto type = address_.type.empty() ? usual_type : std::string_view(address_.type);
  auto body = fmt::format(R"({{"id":"{}","type":"{}",{}}})", json_escaped(entity),
                          json_escaped(type), attributes);
  const int status = TRY(ask("POST", "/v2/entities", std::move(body)));
  if (is_taken(status)) return {};
  return Error{Errc::invalid, fmt::format("{}: {}", entity, answer_)};
}

Result<void> Publisher::send(std::string_view entity, std::span<const Attribute> attributes) {
  if (attributes.empty()) return {};
  const auto body = members(attributes);
  auto path = fmt::format("/v2/entities/{}/attrs", http::percent_encoded(entity));
  if (!address_.type.empty()) path += "?type=" + http::percent_encoded(address_.type);
  int status = TRY(ask("PATCH", path, "{" + body + "}"));
  if (is_taken(status)) return {};
  if (status != 404 && status != 422) {
    return Error{Errc::invalid, fmt::format("{}: {}", entity, answer_)};
  }
  // Either the entity is not there, or an attribute of it: POST appends what is missing.
  status = TRY(ask("POST", path, "{" + body + "}"));
  if (is_taken(status)) return {};
  if (status == 404) return create(entity, body);
  return Error{Errc::invalid, fmt::format("{}: {}", entity, answer_)};
}

}  // namespace sosie::context
