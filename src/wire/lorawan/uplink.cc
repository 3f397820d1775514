#include "wire/lorawan/uplink.h"

#include <algorithm>

#include <openssl/evp.h>

#include "base/time_text.h"

namespace sosie::lorawan {
namespace {

/// Where what stands in a server's messages. Neither writes a field that is 0, false or empty.
struct Paths {
  std::string_view topics;
  std::string_view device;
  std::string_view eui;
  std::string_view profile;
  std::string_view application;
  std::string_view port;
  std::string_view payload;
  std::string_view at;
  std::string_view at_otherwise;
  std::string_view decoded;
  std::string_view gateways;
};

constexpr Paths chirpstack{.topics = "application/+/device/+/event/up",
                           .device = "deviceInfo.deviceName",
                           .eui = "deviceInfo.devEui",
                           .profile = "deviceInfo.deviceProfileName",
                           .application = "deviceInfo.applicationName",
                           .port = "fPort",
                           .payload = "data",
                           .at = "time",
                           .at_otherwise = "time",
                           .decoded = "object",
                           .gateways = "rxInfo"};

constexpr Paths the_things{.topics = "v3/+/devices/+/up",
                           .device = "end_device_ids.device_id",
                           .eui = "end_device_ids.dev_eui",
                           .profile = "uplink_message.version_ids.model_id",
                           .application = "end_device_ids.application_ids.application_id",
                           .port = "uplink_message.f_port",
                           .payload = "uplink_message.frm_payload",
                           .at = "uplink_message.received_at",
                           .at_otherwise = "received_at",
                           .decoded = "uplink_message.decoded_payload",
                           .gateways = "uplink_message.rx_metadata"};

const Paths& paths_of(Server server) {
  return server == Server::chirpstack ? chirpstack : the_things;
}

/// Not there: "". Errors: something else.
Result<std::string> text_at(const json::Value& message, std::string_view path) {
  const auto* const found = message.find(path);
  if (found == nullptr || found->is_null()) return std::string();
  if (const auto* const text = found->text()) return *text;
  return Error{Errc::invalid, fmt::format("'{}': read {}, expected a text", path, found->kind())};
}

Result<std::string> from_base64(std::string_view path, const std::string& text) {
  if (text.empty()) return std::string();
  const auto refusal = [&] {
    return Error{Errc::invalid,
                 fmt::format("'{}': read '{}', expected base64", path, text.substr(0, 40))};
  };
  if (text.size() % 4 != 0) return refusal();
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return refusal();
  // What fills the last group up is decoded, too.
  const auto filling = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
  bytes.resize(static_cast<std::size_t>(size) - filling);
  return bytes;
}

Result<int> port_of(const json::Value& message, std::string_view path) {
  const auto* const found = message.find(path);
  if (found == nullptr || found->is_null()) return 0;
  const auto number = found->number();
  constexpr double highest = 255;
  if (number && *number >= 0 && *number <= highest) return static_cast<int>(*number);
  return Error{Errc::invalid, fmt::format("'{}': expected a number up to 255", path)};
}

void take_best_gateway(const json::Value* gateways, Uplink& uplink) {
  if (gateways == nullptr || gateways->list() == nullptr) return;
  for (const auto& gateway : *gateways->list()) {
    const auto* const rssi = gateway.find("rssi");
    const auto dbm = rssi == nullptr ? std::nullopt : rssi->number();
    if (!dbm || *dbm <= uplink.rssi_dbm.value_or(*dbm - 1)) continue;
    uplink.rssi_dbm = dbm;
    const auto* const snr = gateway.find("snr");
    uplink.snr_db = snr == nullptr ? std::nullopt : snr->number();
  }
}

}  // namespace

std::string_view uplink_topics(Server server) {
  return paths_of(server).topics;
}

Result<Uplink> read_uplink(Server server, const json::Value& message) {
  const Paths& paths = paths_of(server);
  Uplink uplink;
  uplink.device = TRY(text_at(message, paths.device));
  uplink.eui = TRY(text_at(message, paths.eui));
  if (uplink.device.empty() && uplink.eui.empty()) {
    return Error{Errc::invalid,
                 fmt::format("there is no '{}' nor '{}': no uplink", paths.device, paths.eui)};
  }
  std::ranges::transform(uplink.eui, uplink.eui.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  uplink.profile = TRY(text_at(message, paths.profile));
  uplink.application = TRY(text_at(message, paths.application));
  uplink.port = TRY(port_of(message, paths.port));
  const auto payload = TRY(text_at(message, paths.payload));
  uplink.payload = TRY(from_base64(paths.payload, payload));
  auto at = TRY(text_at(message, paths.at));
  if (at.empty()) at = TRY(text_at(message, paths.at_otherwise));
  if (!at.empty()) {
    uplink.at = from_iso8601(at);
    if (!uplink.at) {
      return Error{Errc::invalid,
                   fmt::format("'{}': read '{}', expected a time", paths.at, at.substr(0, 40))};
    }
  }
  uplink.decoded = message.find(paths.decoded);
  take_best_gateway(message.find(paths.gateways), uplink);
  return uplink;
}

}  // namespace sosie::lorawan
