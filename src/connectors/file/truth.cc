#include "connectors/file/truth.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/text.h"
#include "wire/json/value.h"

namespace sosie::file {
namespace {

/// FNV-1a, cut to 52 bits: what JavaScript reads as a number stays the same number.
std::uint64_t id_of(const std::string& file_name, Timestamp start) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : fmt::format("{}@{}", file_name, start.time_since_epoch().count())) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return hash >> 12U;
}

Result<std::string> read_text(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Errc::not_found, fmt::format("{}: {}", path, std::strerror(errno))};
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace

Result<Truth> Truth::create(const TruthConfig& config, const std::string& file_name,
                            const std::string& asset) {
  Truth truth(config, file_name, asset);
  if (config.windows_file.empty()) return truth;
  auto read = truth.read_windows();
  if (!read) return std::move(read).error().in(config.windows_file);
  return truth;
}

Result<void> Truth::read_windows() {
  const auto text = TRY(read_text(config_.windows_file));
  const auto all = TRY(json::parse(text));
  const auto& key = config_.windows_key.empty() ? file_name_ : config_.windows_key;
  if (all.object() == nullptr) {
    return Error{Errc::invalid, fmt::format("read {}, expected an object", all.kind())};
  }
  const auto* const windows = all.find(key);
  if (windows == nullptr || windows->list() == nullptr) {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : *all.object()) names.push_back(name);
    const auto near = nearest(key, names);
    return Error{Errc::invalid,
                 fmt::format("it has no windows of '{}'{}", key,
                             near ? fmt::format("; did you mean '{}'?", *near) : "")};
  }
  const auto instant = [&](const json::Value* value) -> std::optional<Timestamp> {
    if (value == nullptr || value->text() == nullptr) return std::nullopt;
    return config_.window_time->read(*value->text());
  };
  for (const auto& window : *windows->list()) {
    const auto begin = instant(window.find("0"));
    const auto end = instant(window.find("1"));
    if (!begin || !end || *end < *begin) {
      return Error{Errc::invalid,
                   fmt::format("window {} of '{}': expected [\"start\", \"end\"], two times",
                               windows_.size(), key)};
    }
    windows_.push_back({*begin, *end});
  }
  std::sort(windows_.begin(), windows_.end(),
            [](const Window& a, const Window& b) { return a.begin < b.begin; });
  return {};
}

void Truth::tell(const Window& window, bool over, LabelSink& sink) const {
  Label label;
  label.id = id_of(file_name_, window.begin);
  label.asset = asset_;
  label.kind = config_.kind;
  label.scenario = "recorded";
  label.start = window.begin;
  label.end = window.end;
  label.over = over;
  label.text = config_.text;
  sink.label(label);
}

void Truth::pass(Timestamp at, std::optional<bool> marked, LabelSink& sink) {
  if (!config_.column.empty()) {
    pass_row(at, marked, sink);
    return;
  }
  if (running_ && at > running_->end) end(sink);
  while (!running_ && next_window_ < windows_.size() && at >= windows_[next_window_].begin) {
    running_ = windows_[next_window_++];
    tell(*running_, false, sink);
    if (at > running_->end) end(sink);
  }
}

void Truth::pass_row(Timestamp at, std::optional<bool> marked, LabelSink& sink) {
  if (!marked) return;
  if (!*marked) {
    if (running_ && at > running_->end + config_.join) end(sink);
  } else if (running_) {
    running_->end = std::max(running_->end, at);
  } else {
    running_ = {at, at};
    tell(*running_, false, sink);
  }
}

void Truth::end(LabelSink& sink) {
  if (!running_) return;
  tell(*running_, true, sink);
  running_.reset();
}

std::string Truth::save() const {
  if (!running_) return {};
  return fmt::format("{} {}", running_->begin.time_since_epoch().count(),
                     running_->end.time_since_epoch().count());
}

void Truth::load(const std::string& saved) {
  const auto parts = split(saved, ' ');
  if (parts.size() != 2) return;
  const auto begin = to_integer(parts[0]);
  const auto end = to_integer(parts[1]);
  if (begin && end) running_ = {Timestamp(Duration(*begin)), Timestamp(Duration(*end))};
}

}  // namespace sosie::file
