#include "app/destination.h"

#include <cstdio>

#include "app/environment.h"
#include "app/kafka_destination.h"
#include "app/mqtt_destination.h"
#include "base/time_text.h"
#include "wire/csv/writer.h"
#include "wire/http/client.h"
#include "wire/json/writer.h"
#include "wire/ngsi/publisher.h"

namespace sosie::app {
namespace {

void write_reading(json::Writer& out, const SeriesInfo& sensor, Timestamp at,
                   const PlantValue& value) {
  out.begin_object();
  out.member("entity", sensor.entity);
  out.member("attribute", sensor.attribute);
  out.member("value", value.value);
  out.member("time", to_iso8601(at + std::chrono::milliseconds(value.off_ms)));
  if (value.quality != Quality::good) out.member("quality", to_text(value.quality));
  out.end_object();
}

class File final : public Destination {
 public:
  File(std::FILE* file, bool owned, bool as_json) : file_(file), owned_(owned), as_json_(as_json) {
    if (!as_json_) std::fputs("time,entity,attribute,value,quality\r\n", file_);
  }
  ~File() override {
    if (owned_) std::fclose(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  Result<void> send(Timestamp at, std::span<const SeriesInfo> sensors,
                    std::span<const PlantValue> values, const std::stop_token& /*stop*/) override {
    text_.clear();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!values[i].sent) continue;
      if (as_json_) {
        json::Writer line;
        write_reading(line, sensors[i], at, values[i]);
        text_ += line.text();
        text_ += '\n';
      } else {
        const auto number = fmt::to_string(values[i].value);
        const auto time = to_iso8601(at + std::chrono::milliseconds(values[i].off_ms));
        const std::string_view fields[] = {
            // NOLINT(modernize-avoid-c-arrays): a span's source
            time, sensors[i].entity, sensors[i].attribute, number, to_text(values[i].quality)};
        csv::append_record(text_, fields);
      }
    }
    if (std::fwrite(text_.data(), 1, text_.size(), file_) != text_.size()) {
      return Error{Errc::unavailable, "the file cannot be written: is the disk full?"};
    }
    return {};
  }
  Result<void> finish(const std::stop_token& /*stop*/) override {
    if (std::fflush(file_) != 0) return Error{Errc::unavailable, "the file cannot be written"};
    return {};
  }

 private:
  std::FILE* file_;
  bool owned_;
  bool as_json_;
  std::string text_;
};

class Http final : public Destination {
 public:
  explicit Http(const std::string& base) {
    request_.method = "POST";
    request_.url = base + "/api/readings";
    request_.headers = {{"Content-Type", "application/json"}};
    request_.trust.ca_file = environment("SOSIE_CA_FILE");
    if (const auto token = environment("SOSIE_TOKEN"); !token.empty()) {
      request_.headers.push_back({"Authorization", "Bearer " + token});
    }
  }

  Result<void> send(Timestamp at, std::span<const SeriesInfo> sensors,
                    std::span<const PlantValue> values, const std::stop_token& /*stop*/) override {
    json::Writer body;
    body.begin_array();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i].sent) write_reading(body, sensors[i], at, values[i]);
    }
    body.end_array();
    request_.body = body.take();
    const auto response = TRY(client_.send(request_));
    if (response.status == 429 || response.status >= 500) {
      return Error{Errc::unavailable, fmt::format("the server answered {}", response.status)};
    }
    if (response.status >= 400) {
      return Error{Errc::invalid,
                   fmt::format("the server answered {}: {}", response.status, response.body)};
    }
    return {};
  }
  Result<void> finish(const std::stop_token& /*stop*/) override { return {}; }

 private:
  http::Client client_;
  http::Request request_;
};

/// As the sensors' own client of a context broker.
class Ngsi final : public Destination {
 public:
  explicit Ngsi(context::Address address) : publisher_(std::move(address)) {}

  /// An entity that was not taken is sent anew with the others: the same values at the same times.
  Result<void> send(Timestamp at, std::span<const SeriesInfo> sensors,
                    std::span<const PlantValue> values, const std::stop_token& /*stop*/) override {
    std::size_t i = 0;
    while (i < values.size()) {
      const std::string& entity = sensors[i].entity;
      std::vector<context::Attribute> attributes;
      for (; i < values.size() && sensors[i].entity == entity; ++i) {
        if (!values[i].sent) continue;
        attributes.push_back({.name = sensors[i].attribute,
                              .value = values[i].value,
                              .at = at + std::chrono::milliseconds(values[i].off_ms),
                              .unit = sensors[i].unit});
      }
      TRY(publisher_.send(entity, attributes));
    }
    return {};
  }
  Result<void> finish(const std::stop_token& /*stop*/) override { return {}; }

 private:
  context::Publisher publisher_;
};

}  // namespace

Result<std::unique_ptr<Destination>> Destination::create(const std::string& address) {
  if (address == "stdout" || address == "-") {
    return std::unique_ptr<Destination>(std::make_unique<File>(stdout, false, true));
  }
  if (address.starts_with("mqtt://") || address.starts_with("mqtts://")) return to_mqtt(address);
  if (address.starts_with("kafka")) return to_kafka(address);
  if (address.starts_with("ngsi+")) {
    auto broker = TRY(context::read_address(address));
    broker.token = environment("SOSIE_TOKEN");
    broker.trust.ca_file = environment("SOSIE_CA_FILE");
    return std::unique_ptr<Destination>(std::make_unique<Ngsi>(std::move(broker)));
  }
  if (address.starts_with("http://") || address.starts_with("https://")) {
    auto base = address;
    while (base.ends_with('/')) base.pop_back();
    TRY(http::parse_url(base));
    return std::unique_ptr<Destination>(std::make_unique<Http>(base));
  }
  if (address.starts_with("file:")) {
    const auto path = address.substr(5);
    std::FILE* file = std::fopen(path.c_str(), "w");
    if (file == nullptr) return Error{Errc::unavailable, path + ": cannot be written"};
    return std::unique_ptr<Destination>(
        std::make_unique<File>(file, true, !path.ends_with(".csv")));
  }
  return Error{
      Errc::invalid,
      fmt::format(
          "'{}' is no destination; expected mqtt://host:1883/prefix, kafka://host:9092/topic, "
          "http://host:8090, ngsi+http://host:1026, file:PATH.csv, file:PATH.jsonl or stdout",
          address)};
}

}  // namespace sosie::app
