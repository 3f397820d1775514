#include "connectors/mongodb/config.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "base/this_machine.h"
#include "core/in_clear.h"

namespace sosie::mongodb {
namespace {

constexpr std::array<std::string_view, 2> kinds{"readings", "alarms"};

/// A server that is slow but there must not be given up while it writes.
constexpr std::int32_t longest_answer_ms = 10'000;

/// libmongoc must be woken once before anything else of it is called.
void wake_library() {
  static const bool awake = [] {
    mongoc_init();
    mongoc_log_set_handler(nullptr, nullptr);  // what matters comes back as an Error
    return true;
  }();
  static_cast<void>(awake);
}

Result<Uri> parse_uri(const Section& section, std::string_view key, const std::string& text) {
  bson_error_t wrong{};
  Uri uri(mongoc_uri_new_with_error(text.c_str(), &wrong));
  if (uri) return uri;
  // Its message may quote what it read, and that may hold the password.
  return section.wrong(key,
                       "is no MongoDB address; expected mongodb://user@host:port/?option=value");
}

/// From the file, where no password may be, or as a secret, where one may.
Result<Uri> read_address(Section& section) {
  auto secret = TRY(section.secret("uri"));
  if (!secret.empty()) {
    if (section.has("uri")) return section.wrong("uri", "is given twice: also as a secret");
    if (secret == Section::no_secret) secret = "mongodb://user:-@localhost";  // will not be used
    return parse_uri(section, section.has("uri_env") ? "uri_env" : "uri_file", secret);
  }
  const auto text = TRY(section.text("uri"));
  auto uri = TRY(parse_uri(section, "uri", text));
  const auto* password = mongoc_uri_get_password(uri.get());
  const auto* options = mongoc_uri_get_options(uri.get());
  if ((password != nullptr && *password != '\0') ||
      bson_has_field(options, MONGOC_URI_TLSCERTIFICATEKEYFILEPASSWORD)) {
    return section.wrong("uri",
                         "holds a password, and a scenario is no place for one: put it into the "
                         "environment (password_env = \"NAME\") or a file (password_file)");
  }
  return uri;
}

/// Whether who logs in needs a password; with a certificate, a ticket or a cloud's role none is.
bool wants_password(const mongoc_uri_t& uri) {
  const char* mechanism = mongoc_uri_get_auth_mechanism(&uri);
  if (mongoc_uri_get_username(&uri) == nullptr) return false;
  const std::string_view named = mechanism == nullptr ? "SCRAM" : mechanism;
  return named.starts_with("SCRAM") || named == "PLAIN";
}

Result<void> add_password(Section& section, mongoc_uri_t& uri) {
  const auto password = TRY(section.secret("password"));
  if (password.empty()) {
    const char* own = mongoc_uri_get_password(&uri);  // of a secret address
    if (!wants_password(uri) || (own != nullptr && *own != '\0')) return {};
    return section.wrong("uri", fmt::format("names the user '{}', and there is no password: give "
                                            "password_env = \"NAME\" or password_file",
                                            mongoc_uri_get_username(&uri)));
  }
  if (mongoc_uri_get_username(&uri) == nullptr) {
    return section.wrong("uri", "names no user for the password: expected mongodb://user@host");
  }
  if (!mongoc_uri_set_password(&uri, password.c_str())) {
    return section.wrong("uri", "takes no such password; expected UTF-8 text");
  }
  return {};
}

Result<void> add_timeouts(Section& section, mongoc_uri_t& uri) {
  const auto timeout = TRY(section.duration("timeout", std::chrono::seconds(5)));
  if (timeout < std::chrono::milliseconds(100) || timeout > std::chrono::seconds(10)) {
    return section.wrong("timeout", "is expected to be between 100ms and 10s");
  }
  const auto ms =
      static_cast<std::int32_t>(std::chrono::floor<std::chrono::milliseconds>(timeout).count());
  const auto set = [&](const char* option, std::int32_t value) {
    if (!mongoc_uri_has_option(&uri, option)) mongoc_uri_set_option_as_int32(&uri, option, value);
  };
  set(MONGOC_URI_CONNECTTIMEOUTMS, ms);
  set(MONGOC_URI_SERVERSELECTIONTIMEOUTMS, ms);
  set(MONGOC_URI_SOCKETTIMEOUTMS, longest_answer_ms);
  if (mongoc_uri_get_appname(&uri) == nullptr) mongoc_uri_set_appname(&uri, "sosie");
  return {};
}

Result<void> add_trust(Section& section, mongoc_uri_t& uri) {
  const auto file = TRY(section.path("ca_file", ""));
  if (file.empty()) return {};
  if (!mongoc_uri_get_tls(&uri)) return section.wrong("ca_file", "is of no use without tls=true");
  mongoc_uri_set_option_as_utf8(&uri, MONGOC_URI_TLSCAFILE, file.c_str());
  return {};
}

/// With SCRAM and certificates none goes over the network.
void warn_of_plain_password(const Section& section, const mongoc_uri_t& uri) {
  const char* mechanism = mongoc_uri_get_auth_mechanism(&uri);
  const char* password = mongoc_uri_get_password(&uri);
  if (mechanism == nullptr || std::string_view(mechanism) != "PLAIN") return;
  if (password == nullptr || mongoc_uri_get_tls(&uri)) return;
  for (const auto* host = mongoc_uri_get_hosts(&uri); host != nullptr; host = host->next) {
    if (is_this_machine(host->host_and_port)) continue;
    return warn_of_clear(section, "uri", password, host->host, "tls=true");
  }
}

std::string hosts_of(const mongoc_uri_t& uri) {
  if (const char* service = mongoc_uri_get_srv_hostname(&uri)) return service;
  std::string hosts;
  for (const auto* host = mongoc_uri_get_hosts(&uri); host != nullptr; host = host->next) {
    if (!hosts.empty()) hosts += ',';
    hosts += host->host_and_port;
  }
  return hosts;
}

bool is_database_name(std::string_view name) {
  return !name.empty() && name.size() < 64 &&
         name.find_first_of(std::string_view("/\\. \"$\0", 7)) == std::string_view::npos;
}

bool is_collection_name(std::string_view name) {
  return !name.empty() && name.size() < 200 && !name.starts_with("system.") &&
         name.find_first_of(std::string_view("$\0", 2)) == std::string_view::npos;
}

/// "sensor_id,-timestamp"; named as MongoDB itself would.
std::optional<Index> parse_index(std::string_view text) {
  Index index;
  for (auto field : split(text, ',')) {
    field = trim(field);
    const int order = field.starts_with('-') ? -1 : 1;
    if (order < 0) field.remove_prefix(1);
    if (field.empty()) return std::nullopt;
    if (!index.name.empty()) index.name += '_';
    index.name += fmt::format("{}_{}", field, order);
    index.fields.emplace_back(field, order);
  }
  return index;
}

Result<void> read_indexes(Section& section, CollectionConfig& config) {
  const auto texts = TRY(section.texts("indexes"));
  for (const auto& text : texts) {
    auto index = parse_index(text);
    if (!index) return section.wrong("indexes", "holds one without a field; expected \"a,-b\"");
    config.indexes.push_back(std::move(*index));
  }
  return {};
}

Result<void> read_expiry(Section& section, CollectionConfig& config) {
  config.expire_field = TRY(section.text("expire_field", ""));
  config.expire_after = TRY(section.duration("expire_after", Duration{}));
  if (config.expire_field.empty() && config.expire_after == Duration{}) return {};
  if (config.expire_after < std::chrono::seconds(1)) {
    return section.wrong("expire_after", "is needed with expire_field, and at least a second");
  }
  if (config.expire_field.empty()) config.expire_field = config.time_field;
  if (!config.document.is_date(config.expire_field, config.holds)) {
    return section.wrong("expire_field",
                         "is expected to be a field of the document that is \"${time}\"");
  }
  return {};
}

Result<void> read_time_series(Section& section, CollectionConfig& config) {
  config.is_time_series = TRY(section.flag("time_series", false));
  config.time_field = TRY(section.text("time_field", config.is_time_series ? "time" : ""));
  config.meta_field = TRY(section.text("meta_field", ""));
  if (config.is_time_series && !config.document.is_date(config.time_field, config.holds)) {
    return section.wrong("time_field",
                         "is expected to be a field of the document that is \"${time}\"");
  }
  return {};
}

Result<CollectionConfig> read_collection(Section& section) {
  CollectionConfig config;
  const auto holds = TRY(section.choice("holds", "readings", kinds));
  config.holds = holds == "alarms" ? Holds::alarms : Holds::readings;
  config.name = TRY(section.text("name"));
  if (!is_collection_name(config.name)) {
    return section.wrong("name", "is no name that MongoDB gives a collection");
  }
  config.series = TRY(section.texts("series"));
  config.document = TRY(Template::read(section, config.holds));
  TRY(read_indexes(section, config));
  TRY(read_time_series(section, config));
  TRY(read_expiry(section, config));
  TRY(section.finish());
  return config;
}

Result<std::vector<CollectionConfig>> read_collections(Section& section) {
  std::vector<CollectionConfig> all;
  auto sections = TRY(section.tables("collection"));
  for (auto& one : sections) {
    auto config = TRY(read_collection(one));
    all.push_back(std::move(config));
  }
  if (all.empty()) {
    CollectionConfig config;
    config.name = "readings";
    config.document = Template::of_all_defaults(Holds::readings);
    all.push_back(std::move(config));
  }
  return all;
}

}  // namespace

bool CollectionConfig::wants(const SeriesInfo& info) const {
  if (series.empty()) return true;
  const auto full_name = info.name();
  return std::ranges::any_of(series, [&](const std::string& pattern) {
    return matches_wildcards(pattern, info.entity) || matches_wildcards(pattern, full_name);
  });
}

Result<Config> Config::read(Section& section) {
  wake_library();
  Config config;
  config.uri = TRY(read_address(section));
  TRY(add_password(section, *config.uri));
  TRY(add_timeouts(section, *config.uri));
  TRY(add_trust(section, *config.uri));
  warn_of_plain_password(section, *config.uri);
  if (!mongoc_write_concern_is_acknowledged(mongoc_uri_get_write_concern(config.uri.get()))) {
    return section.wrong("uri", "asks for w=0: nobody would know what has arrived");
  }
  config.hosts = hosts_of(*config.uri);
  const auto* named = mongoc_uri_get_database(config.uri.get());
  config.database = TRY(section.text("database", named == nullptr ? "sosie" : named));
  if (!is_database_name(config.database)) {
    return section.wrong("database", "is no name that MongoDB gives a database");
  }
  config.collections = TRY(read_collections(section));
  return config;
}

}  // namespace sosie::mongodb
