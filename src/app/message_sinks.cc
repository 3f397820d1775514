#include "app/message_sinks.h"

#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "app/environment.h"
#include "app/kafka_destination.h"
#include "app/mqtt_destination.h"
#include "wire/http/client.h"

namespace sosie::app {
namespace {

constexpr std::size_t file_buffer = std::size_t{1} << 20U;
constexpr std::string_view form_message = "?form=message";

/// A line a message.
class FileSink final : public generating::MessageSink {
 public:
  FileSink(std::FILE* file, bool owned) : file_(file), owned_(owned) {
    lines_.reserve(file_buffer + 4096);
  }
  ~FileSink() override {
    if (owned_) std::fclose(file_);
  }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  Result<void> send(std::string_view /*key*/, std::string_view payload, Timestamp /*at*/,
                    const std::stop_token& /*stop*/) override {
    lines_ += payload;
    lines_ += '\n';
    if (lines_.size() < file_buffer) return {};
    return write();
  }
  Result<void> pause() override { return write(); }
  Result<void> finish(const std::stop_token& /*stop*/) override { return write(); }

 private:
  Result<void> write() {
    const bool whole = std::fwrite(lines_.data(), 1, lines_.size(), file_) == lines_.size();
    lines_.clear();
    if (whole && std::fflush(file_) == 0) return {};
    return Error{Errc::full, "the file cannot be written: is the disk full?"};
  }

  std::FILE* file_;
  bool owned_;
  std::string lines_;
};

/// A POST a message, over a connection that stays. What the receiver refuses (4xx) is counted: a
/// cut message is meant to be.
class HttpSink final : public generating::MessageSink {
 public:
  explicit HttpSink(std::string url) {
    request_.method = "POST";
    request_.url = std::move(url);
    request_.headers = {{"Content-Type", "application/json"}};
    request_.trust.ca_file = environment("SOSIE_CA_FILE");
    if (const auto token = environment("SOSIE_TOKEN"); !token.empty()) {
      request_.headers.push_back({"Authorization", "Bearer " + token});
    }
  }

  Result<void> send(std::string_view /*key*/, std::string_view payload, Timestamp /*at*/,
                    const std::stop_token& /*stop*/) override {
    request_.body = payload;
    const auto response = TRY(client_.send(request_));
    if (response.status == 429 || response.status >= 500) {
      return Error{Errc::unavailable, fmt::format("the server answered {}", response.status)};
    }
    ++(response.status >= 400 ? refused_ : taken_);
    return {};
  }
  Result<void> finish(const std::stop_token& /*stop*/) override { return {}; }
  std::string summary() const override {
    return fmt::format("{} messages taken by the server, {} refused", taken_, refused_);
  }

 private:
  http::Client client_;
  http::Request request_;
  std::uint64_t taken_ = 0;
  std::uint64_t refused_ = 0;
};

Result<std::unique_ptr<generating::MessageSink>> to_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return Error{Errc::unavailable, path + ": cannot be written"};
  return std::unique_ptr<generating::MessageSink>(std::make_unique<FileSink>(file, true));
}

bool is_http(std::string_view address) {
  return address.starts_with("http://") || address.starts_with("https://");
}

}  // namespace

bool takes_messages(const std::string& address) {
  if (is_http(address)) return address.ends_with(form_message);
  if (address.find("?form=") != std::string::npos) return address.ends_with(form_message);
  return address == "stdout" || address == "-" || address.starts_with("kafka") ||
         address.starts_with("mqtt") ||
         (address.starts_with("file:") && !address.ends_with(".csv"));
}

Result<std::unique_ptr<generating::MessageSink>> make_message_sink(
    const std::string& address, Pace pace, const generating::MessageConfig& message) {
  auto bare = address;
  if (bare.ends_with(form_message)) bare.resize(bare.size() - form_message.size());
  if (bare == "stdout" || bare == "-") {
    return std::unique_ptr<generating::MessageSink>(std::make_unique<FileSink>(stdout, false));
  }
  if (bare.starts_with("file:")) return to_file(bare.substr(5));
  if (bare.starts_with("kafka")) {
    return messages_to_kafka(bare, pace == Pace::by_the_clock ? "0" : "20");
  }
  if (bare.starts_with("mqtt")) return messages_to_mqtt(bare, message);
  if (is_http(bare)) {
    TRY(http::parse_url(bare));
    return std::unique_ptr<generating::MessageSink>(std::make_unique<HttpSink>(bare));
  }
  return Error{Errc::invalid, fmt::format("'{}' takes no messages", address)};
}

}  // namespace sosie::app
