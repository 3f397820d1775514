#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "connectors/influxdb/config.h"

namespace sosie::influxdb {

/// Writes lines to a server, in batches.
///
/// A server that refuses some of a batch has taken the rest, and says how many and one reason: the
/// batch is halved and sent again until it is known which lines they are. (A point that comes twice
/// is one.) What is wrong with the server or our right to write, not with a line, is an Error.
///
/// Threads: one.
class Writer {
 public:
  /// `config` must outlive it.
  explicit Writer(const Config& config) : config_(config) {}

  /// Lines with their line ends. What the server will never take; the rest is there. An Error:
  /// give the same again later, all of it. Some eight seconds at most.
  Result<std::vector<SinkRefusal>> write(std::span<const std::string> lines);

 private:
  using Lines = std::span<const std::string>;
  using Refusals = std::vector<SinkRefusal>;

  Lines next_batch(Lines lines) const;
  Result<void> write_batch(Lines lines, Refusals& refused);
  Result<void> judge(Lines lines, const http::Response& answer, Refusals& refused);
  Result<http::Response> post(Lines lines);
  Result<bool> create_database(const http::Response& answer);
  Error trouble(const http::Response& answer);
  void refuse(Lines lines, const std::string& reason, Refusals& refused);
  void say_once(const std::string& text);

  const Config& config_;
  http::Client client_;
  std::chrono::steady_clock::time_point end_;  ///< of this call of write
  std::chrono::steady_clock::time_point not_before_;
  std::optional<Error> asked_to_wait_;
  /// Refused in calls that ended with an Error, and why: not asked for again.
  std::unordered_map<std::string, std::string> known_;
  std::set<std::string> said_;
};

}  // namespace sosie::influxdb
