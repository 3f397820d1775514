#include "app/generate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "app/message_sinks.h"
#include "base/text.h"
#include "base/time_text.h"
#include "simulation/scalable.h"
#include "wire/json/writer.h"

namespace sosie::app {
namespace {

using generating::Counts;
using generating::Generator;
using generating::Mishaps;

constexpr double highest_rate = 1e8;

/// Messages a second; 0: as fast as possible, or not asked for.
Result<double> rate_of(const GenerateOptions& options) {
  if (options.rate.empty() || options.rate == "max") return 0.0;
  const auto rate = to_number(options.rate);
  if (rate && *rate > 0 && *rate <= highest_rate) return *rate;
  return Error{Errc::invalid,
               fmt::format("--rate is '{}', expected messages a second or max", options.rate)};
}

Result<void> change(double& share, const std::optional<double>& to, const char* option) {
  if (!to) return {};
  if (!(*to >= 0 && *to <= 1)) {
    return Error{Errc::invalid, fmt::format("{} is {}, expected a share from 0 to 1", option, *to)};
  }
  share = *to;
  return {};
}

Result<void> change(Mishaps& mishaps, const GenerateOptions& options) {
  TRY(change(mishaps.late, options.late, "--late"));
  TRY(change(mishaps.duplicate, options.duplicate, "--duplicate"));
  TRY(change(mishaps.out_of_order, options.out_of_order, "--out-of-order"));
  TRY(change(mishaps.cut, options.cut, "--cut"));
  if (mishaps.late + mishaps.duplicate + mishaps.out_of_order + mishaps.cut <= 1) return {};
  return Error{Errc::invalid,
               "the shares of --late, --duplicate, --out-of-order and --cut are "
               "more than all messages"};
}

void write_all(json::Writer& out, const Counts& counts, const std::string& condition) {
  out.begin_object();
  out.member("produced", counts.produced);
  out.member("reports", counts.reports);
  out.member("late", counts.late);
  out.member("duplicate", counts.duplicate);
  out.member("out_of_order", counts.out_of_order);
  out.member("cut", counts.cut);
  out.member("silent", counts.silent);
  out.member("bytes", counts.bytes);
  out.member("devices", counts.devices);
  if (!condition.empty()) {
    out.key("expect");
    out.begin_object();
    out.member("condition", condition);
    out.member("reports", counts.held_reports);
    out.member("messages", counts.held_messages);
    out.member("cut", counts.held_cut);
    out.member("devices", counts.held_devices);
    out.end_object();
  }
  out.end_object();
}

Result<void> write_counts(const Counts& counts, const GenerateOptions& options) {
  if (options.counts.empty()) return {};
  json::Writer out;
  write_all(out, counts, options.expect);
  std::FILE* const file = std::fopen(options.counts.c_str(), "w");
  if (file == nullptr) return Error{Errc::unavailable, options.counts + ": cannot be written"};
  const bool whole = std::fprintf(file, "%s\n", out.text().c_str()) > 0;
  if (std::fclose(file) == 0 && whole) return {};
  return Error{Errc::full, options.counts + ": cannot be written: is the disk full?"};
}

void tell(const Counts& counts, const GenerateOptions& options, double took_s, double cpu_s) {
  std::string text = fmt::format(
      "{} messages produced ({} bytes) by {} devices: {} reports, of which {} late, {} out of "
      "order, {} cut; {} duplicates; {} reports not sent by silent devices\n",
      counts.produced, counts.bytes, counts.devices, counts.reports, counts.late,
      counts.out_of_order, counts.cut, counts.duplicate, counts.silent);
  if (!options.expect.empty()) {
    text += fmt::format("{}: {} reports in {} messages of {} devices; {} more were cut\n",
                        options.expect, counts.held_reports, counts.held_messages,
                        counts.held_devices, counts.held_cut);
  }
  text += fmt::format("{:.2f} s, {:.2f} s of CPU in the generator's thread: {:.0f} messages/s\n",
                      took_s, cpu_s, static_cast<double>(counts.produced) / std::max(took_s, 1e-9));
  std::fputs(text.c_str(), stderr);
}

}  // namespace

Result<void> scale(Plant& plant, const GenerateOptions& options, bool has_speed) {
  auto* const many = dynamic_cast<Scalable*>(&plant);
  const double rate = TRY(rate_of(options));
  if (many == nullptr) {
    if (!options.devices) return {};
    return Error{Errc::invalid, "--devices: this scenario's plant has as many as it has"};
  }
  const bool by_clock = rate > 0 && !has_speed;
  if (!options.devices && !by_clock) return {};
  const std::size_t devices = options.devices.value_or(many->devices());
  auto period = plant.period();
  if (by_clock) {
    period = Duration(std::llround(std::min(static_cast<double>(devices) / rate, 86400.0) * 1e6));
  }
  return many->scale(devices, period);
}

Result<Generator::Orders> orders_of(const GenerateOptions& options, const Plant& plant,
                                    generating::MessageConfig& config) {
  TRY(change(config.mishaps, options));
  Generator::Orders orders;
  orders.count = options.count;
  orders.rate = TRY(rate_of(options));
  if (options.rate == "max") orders.speed = 0;
  if (options.expect.empty()) return orders;
  auto condition = generating::Condition::read(options.expect, plant);
  if (!condition) return std::move(condition).error().in("--expect");
  orders.condition = std::move(*condition);
  return orders;
}

Result<void> generate(Plant& plant, const generating::MessageConfig& config,
                      Generator::Orders orders, const GenerateOptions& options,
                      const std::string& to, LabelSink& labels, const std::stop_token& stop) {
  const bool is_paced = orders.speed > 0 || orders.rate > 0;
  auto sink =
      TRY(make_message_sink(to, is_paced ? Pace::by_the_clock : Pace::as_fast_as_possible, config));
  auto generator = TRY(Generator::create(plant, config, std::move(orders)));
  const bool shows_progress = isatty(STDERR_FILENO) != 0;
  const auto began = stopwatch();
  const double cpu_before_s = thread_cpu_s();
  auto ran = generator.run(*sink, labels, stop, [&](Timestamp at) {
    if (!shows_progress) return;
    const auto& counts = generator.counts();
    std::fprintf(stderr, "\r%s  %llu messages, %.0f/s ", to_iso8601(at).c_str(),
                 static_cast<unsigned long long>(counts.produced),
                 static_cast<double>(counts.produced) / seconds_since(began));
  });
  if (shows_progress) std::fputc('\n', stderr);
  tell(generator.counts(), options, seconds_since(began), thread_cpu_s() - cpu_before_s);
  if (const auto summary = sink->summary(); !summary.empty()) {
    std::fprintf(stderr, "%s\n", summary.c_str());
  }
  TRY(write_counts(generator.counts(), options));
  return ran;
}

}  // namespace sosie::app
