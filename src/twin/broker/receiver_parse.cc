#include "twin/broker/receiver_parse.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "twin/broker/body.h"
#include "twin/broker/macros.h"
#include "twin/broker/ngsi_patch.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {
namespace {

constexpr std::int64_t max_timeout_ms = 1'800'000;

/// One kind of receiver: its name in the body, and what is read of it.
struct ReceiverForm {
  std::string_view name;
  Receiver::Kind kind;
  bool is_custom;
};
constexpr std::array<ReceiverForm, 5> forms{{{"http", Receiver::Kind::http, false},
                                             {"httpCustom", Receiver::Kind::http, true},
                                             {"mqtt", Receiver::Kind::mqtt, false},
                                             {"mqttCustom", Receiver::Kind::mqtt, true},
                                             {"events", Receiver::Kind::events, false}}};

constexpr std::array<std::string_view, 9> methods{"GET",  "PUT",     "POST",  "DELETE", "PATCH",
                                                  "HEAD", "OPTIONS", "TRACE", "CONNECT"};

/// Whether a forbidden character stands outside of the macros, whose expressions need them;
/// `allowed` ones do not count.
bool has_bare_forbidden(std::string_view text, std::string_view allowed) {
  std::string bare = without_macros(text);
  std::erase_if(bare, [&](char c) { return allowed.find(c) != std::string_view::npos; });
  return has_forbidden(std::string_view(bare));
}

/// What one receiver's object is read with: `name` stands in every description.
struct Reader {
  const Object& object;
  std::string_view name;
  Receiver& receiver;

  NgsiError wrong(std::string_view field, std::string_view what) const {
    return bad_request(fmt::format("{} {} notification {}", field, name, what));
  }

  Checked<std::optional<std::string>> text(std::string_view field) const {
    const Value* member = find(object, field);
    if (member == nullptr) return std::optional<std::string>();
    if (member->text() == nullptr) return wrong(field, "is not a string");
    return std::optional<std::string>(member->text()->view());
  }

  Checked<void> check_characters(std::string_view field, std::string_view value) const {
    const bool is_wrong = receiver.is_custom ? has_bare_forbidden(value, {}) : has_forbidden(value);
    if (!is_wrong) return {};
    if (receiver.is_custom && field == "url") {
      return bad_request("forbidden characters in custom /url/");
    }
    return bad_request(fmt::format("forbidden characters in {} field /{}/", name, field));
  }

  /// A whole number between the two; 0 if there is none. `what`: how Orion calls it.
  Checked<std::int64_t> integer(std::string_view field, std::int64_t high,
                                std::string_view what) const {
    const auto number = TRY(integer_at(object, field));
    if (number && (*number < 0 || *number > high)) return bad_request(std::string(what));
    return number.value_or(0);
  }

  Checked<void> url() const {
    auto given = TRY(text("url"));
    if (!given) return wrong("url", "is missing");
    receiver.url = std::move(*given);
    TRY(check_characters("url", receiver.url));
    if (receiver.is_custom && receiver.url.find("${") != std::string::npos) return {};
    const auto address = parse_address(receiver.url);
    return receiver.kind == Receiver::Kind::mqtt ? mqtt_url(address) : http_url(address);
  }

  Checked<void> http_url(const std::optional<ReceiverAddress>& address) const {
    if (!address) {
      return bad_request(receiver.is_custom ? "invalid custom /url/"
                                            : "Invalid URL parsing notification url");
    }
    if (address->scheme == "mqtt") {
      return bad_request("mqtt URL cannot be used in http notifications");
    }
    return {};
  }

  Checked<void> mqtt_url(const std::optional<ReceiverAddress>& address) const {
    if (!address) return bad_request("invalid mqtt /url/");
    if (address->scheme != "mqtt") {
      return bad_request("http or https URL cannot be used in mqtt notifications");
    }
    if (has_path()) return bad_request("path cannot be used in mqtt url, use topic instead");
    return {};
  }

  /// The topic is a field of its own: an MQTT broker's address has nothing after the port.
  bool has_path() const {
    const auto slash = receiver.url.find('/', receiver.url.find("://") + 3);
    return slash != std::string::npos && slash + 1 < receiver.url.size();
  }

  Checked<Receiver::Fields> fields(std::string_view field) const {
    Receiver::Fields all;
    const Value* member = find(object, field);
    if (member == nullptr) return all;
    const auto what = fmt::format("notification {} {}", name, field);
    if (member->object() == nullptr) return bad_request(what + " is not an object");
    if (member->object()->empty()) return bad_request(what + " is empty");
    for (const auto& [key, value] : *member->object()) {
      if (value.text() == nullptr) {
        return bad_request(what + " element is not a string");
      }
      if (has_bare_forbidden(key.view(), {}) ||
          has_bare_forbidden(value.text()->view(), field == "headers" ? "\"'" : "")) {
        return bad_request("forbidden characters in custom " + what);
      }
      all.emplace_back(key.view(), value.text()->view());
    }
    return all;
  }

  Checked<void> content() const {
    const Value* payload = find(object, "payload");
    const Value* json = find(object, "json");
    const Value* ngsi = find(object, "ngsi");
    const int given = static_cast<int>(payload != nullptr) + static_cast<int>(json != nullptr) +
                      static_cast<int>(ngsi != nullptr);
    if (given > 1)
      return bad_request(
          "only one of payload, json or ngsi fields accepted at the same time in httpCustom or "
          "mqttCustom");
    if (payload != nullptr) return text_content(*payload);
    if (json != nullptr) return json_content(*json);
    if (ngsi != nullptr) return ngsi_content(*ngsi);
    return {};
  }

  Checked<void> text_content(const Value& payload) const {
    if (payload.is_null()) {
      receiver.content = Receiver::Content::none;
      return {};
    }
    if (payload.text() == nullptr) {
      return bad_request("payload custom notification is not a string");
    }
    if (has_bare_forbidden(payload.text()->view(), {})) {
      return bad_request("forbidden characters in custom /payload/");
    }
    if (payload.text()->view().empty()) return {};  // as if there were none
    receiver.content = Receiver::Content::text;
    receiver.text = payload.text()->view();
    return {};
  }

  Checked<void> json_content(const Value& json) const {
    if (json.object() == nullptr && json.array() == nullptr) {
      return bad_request("json fields in httpCustom or mqttCustom must be object or array");
    }
    receiver.content = Receiver::Content::json;
    receiver.json = json;
    return {};
  }

  Checked<void> ngsi_content(const Value& ngsi) const {
    if (ngsi.object() == nullptr) return wrong("ngsi", "must be an object");
    TRY(check_patch(*ngsi.object()));
    receiver.content = Receiver::Content::ngsi;
    receiver.json = ngsi;
    return {};
  }

  Checked<void> http() const {
    const auto timeout = TRY(
        integer("timeout", max_timeout_ms,
                fmt::format("timeout field must be an integer between 0 and {}", max_timeout_ms)));
    receiver.timeout = std::chrono::milliseconds(timeout);
    if (!receiver.is_custom) return {};
    if (auto method = TRY(text("method"))) {
      if (std::ranges::find(methods, *method) == methods.end() &&
          method->find("${") == std::string::npos) {
        return bad_request("unknown method httpCustom notification");
      }
      receiver.method = std::move(*method);
    }
    receiver.headers = TRY(fields("headers"));
    receiver.query = TRY(fields("qs"));
    return content();
  }

  Checked<void> mqtt() const {
    const auto topic = TRY(text("topic"));
    if (!topic) return bad_request("topic mqtt notification is missing");
    if (topic->empty()) return bad_request("empty mqtt field /topic/");
    receiver.topic = *topic;
    TRY(check_characters("topic", receiver.topic));
    if (receiver.topic.find_first_of("+#") != std::string::npos) {
      return bad_request("+ and # are not allowed in mqtt field /topic/");
    }
    const auto qos =
        TRY(integer("qos", 2, "mqtt qos field must be an integer in the 0 to 2 range"));
    receiver.qos = static_cast<int>(qos);
    const auto retain = TRY(flag_at(object, "retain"));
    receiver.retain = retain.value_or(false);
    const auto user = TRY(text("user"));
    const auto password = TRY(text("passwd"));
    if (user.has_value() != password.has_value()) {
      return bad_request("you must use user and passwd fields simultaneously");
    }
    if (user && has_forbidden(std::string_view(*user))) {
      return bad_request("forbidden characters in mqtt /user/");
    }
    receiver.user = user.value_or("");
    receiver.password = password.value_or("");
    return receiver.is_custom ? content() : Checked<void>();
  }
};

}  // namespace

std::optional<ReceiverAddress> parse_address(std::string_view url) {
  static constexpr std::array<std::pair<std::string_view, std::uint16_t>, 3> schemes{
      {{"http", 80}, {"https", 443}, {"mqtt", 1883}}};
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const auto* scheme = std::ranges::find(schemes, url.substr(0, colon),
                                         &std::pair<std::string_view, std::uint16_t>::first);
  if (scheme == schemes.end()) return std::nullopt;
  ReceiverAddress address{.scheme = std::string(scheme->first), .host = {}, .port = scheme->second};
  auto authority = url.substr(colon + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  const auto bracket = authority.rfind(']');
  const auto port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (port != std::string_view::npos) {
    const auto number = to_integer(authority.substr(port + 1));
    if (!number || *number < 1 || *number > 65535) return std::nullopt;
    address.port = static_cast<std::uint16_t>(*number);
    authority = authority.substr(0, port);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  if (authority.empty() || authority.find_first_of(" <>\"'") != std::string_view::npos) {
    return std::nullopt;
  }
  address.host = authority;
  return address;
}

Checked<Receiver> read_receiver(const Object& notification, bool allows_custom) {
  const ReceiverForm* chosen = nullptr;
  for (const auto& form : forms) {
    if (find(notification, form.name) == nullptr) continue;
    if (chosen != nullptr) {
      return bad_request("only one of http, httpCustom, mqtt or mqttCustom is allowed");
    }
    chosen = &form;
  }
  if (chosen == nullptr) return bad_request("http, httpCustom, mqtt or mqttCustom is missing");
  const Value& value = *find(notification, chosen->name);
  if (value.object() == nullptr) {
    return bad_request(fmt::format("{} notification is not an object", chosen->name));
  }
  Receiver receiver;
  receiver.kind = chosen->kind;
  receiver.is_custom = chosen->is_custom && allows_custom;
  if (receiver.kind == Receiver::Kind::events) return receiver;
  const Reader reader{.object = *value.object(), .name = chosen->name, .receiver = receiver};
  TRY(reader.url());
  if (receiver.kind == Receiver::Kind::mqtt) {
    TRY(reader.mqtt());
  } else {
    TRY(reader.http());
  }
  return receiver;
}

}  // namespace sosie::ngsi
