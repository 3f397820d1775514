#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace sosie::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

spdlog::logger& logger() {
  static const auto one = [] {
    auto made = spdlog::stderr_logger_mt("sosie");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    return made;
  }();
  return *one;
}

}  // namespace

void set_level(Level level) {
  logger().set_level(to_spdlog(level));
}

bool is_on(Level level) {
  return logger().should_log(to_spdlog(level));
}

void write(Level level, std::string_view room, std::string_view text) {
  logger().log(to_spdlog(level), "{}: {}", room, text);
}

}  // namespace sosie::log
