#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/result.h"
#include "scoring/stack.h"
#include "wire/csv/writer.h"

namespace sosie::app {

/// OUT.csv: a row for each row of the table, in its order.
class ScoreFile {
 public:
  Result<void> open(const std::string& path) {
    if (path.empty()) return {};
    path_ = path;
    file_.open(path, std::ios::binary | std::ios::trunc);
    if (!file_.is_open()) {
      return Error{Errc::unavailable, fmt::format("{}: cannot be written", path)};
    }
    buffer_ = "time,score,flag,change,sensor\r\n";
    return {};
  }

  void put(std::string_view time, const scoring::Verdict& verdict, std::string_view sensor) {
    if (path_.empty()) return;
    csv::append_field(buffer_, time);
    fmt::format_to(std::back_inserter(buffer_), ",{:.9g},{},{},", verdict.score,
                   verdict.flag ? 1 : 0, verdict.change ? 1 : 0);
    csv::append_field(buffer_, sensor);
    buffer_ += "\r\n";
    if (buffer_.size() >= write_bytes) flush();
  }

  Result<void> close() {
    if (path_.empty()) return {};
    flush();
    file_.close();
    if (file_.good()) return {};
    return Error{Errc::unavailable, fmt::format("{}: could not be written to its end", path_)};
  }

 private:
  void flush() {
    file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }

  static constexpr std::size_t write_bytes = 1U << 16U;

  std::string path_;
  std::ofstream file_;
  std::string buffer_;
};

}  // namespace sosie::app
