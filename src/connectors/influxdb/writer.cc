#include "connectors/influxdb/writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "wire/http/gzip.h"
#include "wire/json/value.h"

namespace sosie::influxdb {
namespace {

constexpr auto longest_call = std::chrono::seconds(8);
constexpr std::int64_t longest_wait_s = 3600;
constexpr std::size_t most_said = 300;
constexpr std::size_t most_reasons = 100;  ///< told of in the log, one by one

/// What an answer says is wrong: InfluxDB 1.x has it in `error`, 2.x in `message`.
std::optional<std::string> error_in(const http::Response& answer) {
  json::Parser parser;
  const auto body = parser.parse(answer.body);
  if (!body) return std::nullopt;
  for (const auto* key : {"message", "error"}) {
    const auto* found = (*body).find(key);
    if (found != nullptr && found->text() != nullptr) return found->text()->substr(0, most_said);
  }
  return std::nullopt;
}

/// For people: what it says, or the beginning of it.
std::string words_of(const http::Response& answer) {
  auto words = error_in(answer).value_or(answer.body.substr(0, most_said));
  std::ranges::replace(words, '\n', ' ');
  return std::string(trim(words));
}

/// "partial write: points beyond retention policy dropped=3": the reason without the number, which
/// is another each time.
std::string without_count(std::string reason) {
  const auto count = reason.rfind(" dropped=");
  if (count != std::string::npos) reason.resize(count);
  return reason;
}

std::optional<std::size_t> dropped_by(std::string_view reason) {
  constexpr std::string_view key = " dropped=";
  const auto begin = reason.rfind(key);
  if (begin == reason.npos) return std::nullopt;
  const auto count = to_integer(trim(reason.substr(begin + key.size())));
  if (!count || *count < 0) return std::nullopt;
  return static_cast<std::size_t>(*count);
}

}  // namespace

Result<std::vector<SinkRefusal>> Writer::write(Lines lines) {
  if (asked_to_wait_ && stopwatch() < not_before_) return *asked_to_wait_;
  asked_to_wait_.reset();
  end_ = stopwatch() + longest_call;
  Refusals refused;
  while (!lines.empty()) {
    const auto batch = next_batch(lines);
    TRY(write_batch(batch, refused));
    lines = lines.subspan(batch.size());
  }
  known_.clear();
  return refused;
}

Writer::Lines Writer::next_batch(Lines lines) const {
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < std::min(lines.size(), config_.max_points)) {
    bytes += lines[count].size();
    if (count > 0 && bytes > config_.max_bytes) break;
    ++count;
  }
  return lines.first(count);
}

Result<void> Writer::write_batch(Lines lines, Refusals& refused) {
  std::vector<std::string> fresh;
  if (!known_.empty()) {
    for (const auto& line : lines) {
      const auto known = known_.find(line);
      if (known == known_.end()) {
        fresh.push_back(line);
      } else {
        refused.push_back({known->second, line.substr(0, line.size() - 1), config_.place});
      }
    }
    if (fresh.empty()) return {};
    lines = fresh;
  }
  auto answer = TRY(post(lines));
  if (answer.status == 404) {
    const bool is_there_now = TRY(create_database(answer));
    if (is_there_now) answer = TRY(post(lines));
  }
  return judge(lines, answer, refused);
}

Result<void> Writer::judge(Lines lines, const http::Response& answer, Refusals& refused) {
  if (answer.status >= 200 && answer.status < 300) return {};
  const bool is_too_large = answer.status == 413;
  const auto reason = error_in(answer);
  // A 400 without an error of InfluxDB's own comes from something in between: not about the lines.
  const bool is_about_lines =
      is_too_large || ((answer.status == 400 || answer.status == 422) && reason);
  if (!is_about_lines) return trouble(answer);
  const bool is_all = reason && dropped_by(*reason) == lines.size();
  if (lines.size() == 1 || is_all) {
    refuse(lines, reason ? without_count(*reason) : "too large for the server", refused);
    return {};
  }
  const auto half = lines.size() / 2;
  for (const auto part : {lines.first(half), lines.subspan(half)}) {
    const auto part_answer = TRY(post(part));
    TRY(judge(part, part_answer, refused));
  }
  return {};
}

Result<http::Response> Writer::post(Lines lines) {
  if (stopwatch() > end_) {
    return Error{Errc::timeout, fmt::format("{}: too slow to say what it refuses", config_.host)};
  }
  std::string body;
  for (const auto& line : lines) body += line;
  auto request = config_.write;
  request.body = config_.packs ? http::gzip(body) : std::move(body);
  return client_.send(request);
}

/// InfluxDB 1.x makes no database by itself. False: this server is not to be asked.
Result<bool> Writer::create_database(const http::Response& answer) {
  if (config_.create.url.empty() || !words_of(answer).starts_with("database not found")) {
    return false;
  }
  const auto created = TRY(client_.send(config_.create));
  if (created.status != 200) return trouble(created);
  const auto refused = error_in(created);
  json::Parser parser;
  const auto body = parser.parse(created.body);
  const auto* wrong = body ? (*body).find("results.0.error") : nullptr;
  if (refused || (wrong != nullptr && wrong->text() != nullptr)) {
    return Error{Errc::unavailable,
                 fmt::format("{}: {} is not there and cannot be made: {}", config_.host,
                             config_.place, refused ? *refused : *wrong->text())};
  }
  log::info("influxdb", "{}: made {}", config_.host, config_.place);
  return true;
}

Error Writer::trouble(const http::Response& answer) {
  const auto said = words_of(answer);
  const auto told = [&](std::string_view what) {
    return Error{Errc::unavailable, fmt::format("{}: {} ({}): {}", config_.host, what,
                                                answer.status, said.empty() ? "no more" : said)};
  };
  switch (answer.status) {
    case 401:
      return told(
          fmt::format("does not let {} in: wrong name, password or token", config_.identity));
    case 403:
      return told(fmt::format("does not let {} write to {}", config_.identity, config_.place));
    case 404:
      return told(fmt::format("{} is not there", config_.place));
    default:
      break;
  }
  const auto seconds = to_integer(http::find_header(answer.headers, "Retry-After"));
  if (!seconds || *seconds <= 0) return told("does not write");
  not_before_ = stopwatch() + std::chrono::seconds(std::min(*seconds, longest_wait_s));
  asked_to_wait_ = told(fmt::format("asks us to wait for {} s", *seconds));
  return *asked_to_wait_;
}

void Writer::refuse(Lines lines, const std::string& reason, Refusals& refused) {
  for (const auto& line : lines) {
    refused.push_back({reason, line.substr(0, line.size() - 1), config_.place});
    known_.emplace(line, reason);
  }
  say_once(reason);
}

void Writer::say_once(const std::string& text) {
  if (said_.size() >= most_reasons || !said_.insert(text).second) return;
  log::warning("influxdb",
               "{}: {} refuses what it is given: {}; each is in quarantine, and the "
               "rest is written",
               config_.host, config_.place, text);
}

}  // namespace sosie::influxdb
