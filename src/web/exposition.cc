#include "web/exposition.h"

#include <cmath>

#include <fmt/format.h>

namespace sosie::web {
namespace {

void append_escaped(std::string& out, std::string_view text, bool is_label) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (is_label && c == '"')) out += '\\';
    out += c;
  }
}

std::string to_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} ", name);
  append_escaped(text_, help, false);
  text_ += fmt::format("\n# TYPE {} {}\n", name, type);
}

void Exposition::line(std::string_view suffix, Labels labels, double value) {
  text_ += name_;
  text_ += suffix;
  char before = '{';
  for (const auto& label : labels) {
    text_ += before;
    text_ += label.name;
    text_ += "=\"";
    append_escaped(text_, label.value, true);
    text_ += '"';
    before = ',';
  }
  if (labels.size() > 0) text_ += '}';
  text_ += ' ';
  text_ += to_text(value);
  text_ += '\n';
}

void Exposition::sample(double value, Labels labels) {
  line("", labels, value);
}

void Exposition::histogram(std::string_view name, std::string_view help,
                           const LatencyHistogram::Snapshot& latency) {
  family(name, "histogram", help);
  std::uint64_t cumulated = 0;
  for (std::size_t i = 0; i < LatencyHistogram::bounds_s.size(); ++i) {
    cumulated += latency.counts.at(i);
    line("_bucket", {{"le", to_text(LatencyHistogram::bounds_s.at(i))}},
         static_cast<double>(cumulated));
  }
  line("_bucket", {{"le", "+Inf"}}, static_cast<double>(latency.count));
  line("_sum", {}, latency.sum_s);
  line("_count", {}, static_cast<double>(latency.count));
}

}  // namespace sosie::web
