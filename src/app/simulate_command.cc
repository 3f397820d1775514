#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/dataset.h"
#include "app/destination.h"
#include "app/generate.h"
#include "app/message_sinks.h"
#include "app/plant_of.h"
#include "app/stop_signal.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time_text.h"
#include "simulation/scalable.h"
#include "wire/json/writer.h"

namespace sosie::app {
namespace {

struct SimulateOptions {
  std::string scenario = default_scenario;
  std::string to = "stdout";
  std::string start;
  std::string duration;
  std::string labels;
  std::string dataset;  ///< a folder; empty: none is wanted
  std::optional<double> labelled;
  // Not asked for: what the scenario says.
  std::string speed;
  std::optional<std::uint64_t> seed;
  std::optional<double> fault_rate;
  std::string weather;
  std::vector<std::string> faults;
  GenerateOptions messages;
};

/// As the scenario says, but for what the command line does. A rate is one by the clock, and goes
/// before the scenario's speed. Errors: no such speed.
Result<PlantLife> life_of(const PlantLife& said, const SimulateOptions& options) {
  PlantLife life = said;
  life.seed = options.seed.value_or(said.seed);
  life.fault_rate = options.fault_rate.value_or(said.fault_rate);
  if (!options.weather.empty()) life.weather = options.weather;
  if (options.speed.empty()) {
    if (!options.messages.rate.empty()) life.speed = 1;
    return life;
  }
  life.speed = options.speed == "max" ? 0.0 : to_number(options.speed).value_or(-1);
  if (!is_between(life.speed, 0, highest_speed)) {
    return Error{Errc::invalid, "--speed is 1, 60, … or max"};
  }
  return life;
}

/// Ground truth goes to a file of its own, or nowhere: never along with the readings.
class LabelFile final : public LabelSink {
 public:
  explicit LabelFile(const std::string& path)
      : file_(path.empty() ? nullptr : std::fopen(path.c_str(), "w")) {}
  ~LabelFile() override {
    if (file_ != nullptr) std::fclose(file_);
  }
  LabelFile(const LabelFile&) = delete;
  LabelFile& operator=(const LabelFile&) = delete;

  void label(const Label& label) override {
    if (file_ == nullptr) return;
    json::Writer out;
    out.begin_object();
    out.member("id", label.id);
    out.member("kind", to_text(label.kind));
    out.member("scenario", label.scenario);
    out.member("start", to_iso8601(label.start));
    out.member("end", to_iso8601(label.end));
    out.member("over", label.over);
    out.member("size", label.size);
    out.key("direct");
    out.begin_array();
    for (const auto& name : label.direct) out.value(name);
    out.end_array();
    out.end_object();
    std::fprintf(file_, "%s\n", out.text().c_str());
  }
  bool is_open() const { return file_ != nullptr; }

 private:
  std::FILE* file_;
};

/// "stuck:AIT-306-DO" or "stuck".
Result<void> inject(Plant& plant, const std::string& text) {
  FaultOrder order;
  const auto colon = text.find(':');
  order.fault = text.substr(0, colon);
  if (colon != std::string::npos) order.target = text.substr(colon + 1);
  TRY(plant.inject(order));
  return {};
}

struct Tally {
  std::uint64_t steps = 0;
  std::uint64_t sent = 0;
  std::uint64_t silent = 0;  ///< values that a device in dropout did not send
};

/// Sends until it is received; a destination that is away is asked again every second.
Result<void> send_surely(Destination& to, Timestamp at, std::span<const SeriesInfo> sensors,
                         std::span<const PlantValue> values, const std::stop_token& stop) {
  SystemClock clock;
  for (;;) {
    auto sent = to.send(at, sensors, values, stop);
    if (sent || sent.error().code == Errc::invalid || stop.stop_requested()) return sent;
    log::warning("simulate", "{}; trying again", sent.error().what);
    clock.sleep(clock.now() + std::chrono::seconds(1), stop);
  }
}

Result<Tally> live(Plant& plant, const std::string& to, double speed, Timestamp end,
                   LabelSink& labels, const std::stop_token& stop) {
  auto destination = TRY(Destination::create(to));
  ScaledClock clock(SystemClock().now(), speed > 0 ? speed : 1);
  std::optional<Duration> offset;  // of the plant's time to the clock's
  const auto sensors = sensors_of(plant);
  std::vector<PlantValue> values(sensors.size());
  Tally tally;
  Timestamp told{};
  while (!stop.stop_requested()) {
    const Timestamp at = plant.step(values, labels);
    if (at > end) break;
    if (!offset) offset = clock.now() - at;
    if (speed > 0) clock.sleep(at + *offset, stop);
    TRY(send_surely(*destination, at, sensors, values, stop));
    ++tally.steps;
    for (const auto& value : values) ++(value.sent ? tally.sent : tally.silent);
    if (const Timestamp now = SystemClock().now(); now - told > std::chrono::seconds(1)) {
      told = now;
      std::fprintf(stderr, "\r%s  %llu readings sent ", to_iso8601(at).c_str(),
                   static_cast<unsigned long long>(tally.sent));
    }
  }
  TRY(destination->finish({}));
  std::fputc('\n', stderr);
  if (const auto summary = destination->summary(); !summary.empty()) {
    std::fprintf(stderr, "%s\n", summary.c_str());
  }
  return tally;
}

/// Of the plant's time.
struct PlantSpan {
  Timestamp start;
  Timestamp end = Timestamp::max();
};

/// Messages that are made as fast as possible are of the past, as far as it is known how long they
/// take: those of the future would be refused or marked.
Result<PlantSpan> span_of(const SimulateOptions& options, const Plant& plant, bool is_past) {
  PlantSpan span{.start = SystemClock().now()};
  std::optional<Duration> lasts;
  if (!options.duration.empty()) {
    const auto given_us = to_duration_us(options.duration);
    if (!given_us) {
      return Error{Errc::invalid, "--duration is not as 90s, 24h or 7d: " + options.duration};
    }
    lasts = Duration(*given_us);
  }
  if (!options.start.empty()) {
    const auto given = from_iso8601(options.start);
    if (!given) return Error{Errc::invalid, "--start is not ISO 8601: " + options.start};
    span.start = *given;
  } else if (is_past && lasts) {
    span.start -= *lasts;
  } else if (is_past && options.messages.count) {
    const auto* const many = dynamic_cast<const Scalable*>(&plant);
    const std::size_t devices = many == nullptr ? 1 : many->devices();
    const std::uint64_t steps = *options.messages.count / devices;
    span.start -= static_cast<std::int64_t>(steps + steps / 10 + 1) * plant.period();
  }
  if (lasts) span.end = span.start + *lasts;
  return span;
}

/// Each of `--fault`.
Result<void> begin_faults(Plant& plant, const SimulateOptions& options) {
  for (const auto& fault : options.faults) {
    TRY(inject(plant, fault));
  }
  return {};
}

/// Labelled data in a folder, in place of a destination.
Result<Tally> make_dataset(Plant& plant, const PlantLife& life, const SimulateOptions& options,
                           const std::stop_token& stop) {
  if (options.duration.empty()) {
    return Error{Errc::invalid, "--dataset needs --duration, as 30d"};
  }
  const auto span = TRY(span_of(options, plant, true));
  DatasetOptions wanted{.folder = options.dataset,
                        .scenario = options.scenario,
                        .seed = life.seed,
                        .fault_rate = life.fault_rate,
                        .weather = life.weather,
                        .labelled = options.labelled,
                        .start = span.start,
                        .end = span.end};
  TRY(write_dataset(plant, std::move(wanted), [&] { return begin_faults(plant, options); }, stop));
  return Tally{};
}

/// As messages by the scenario's template.
Result<Tally> send_messages(Plant& plant, const generating::MessageConfig& message,
                            generating::Generator::Orders orders, const SimulateOptions& options,
                            LabelSink& labels, const std::stop_token& stop) {
  TRY(generate(plant, message, std::move(orders), options.messages, options.to, labels, stop));
  return Tally{};
}

/// Why what concerns messages cannot be had.
Error no_messages(const SimulateOptions& options, bool has_template) {
  constexpr std::string_view asked =
      "--rate, --count, --expect, --counts, --late, --duplicate, --out-of-order and --cut are for "
      "messages";
  if (!has_template) {
    return {Errc::invalid, fmt::format("{}: {} has no [source.message]", asked, options.scenario)};
  }
  return {Errc::invalid,
          fmt::format("{}, and '{}' takes none; expected kafka://, mqtt://, file:PATH, stdout or "
                      "http://…?form=message",
                      asked, options.to)};
}

Result<Tally> simulate(const SimulateOptions& options, const Catalog& catalog,
                       const std::stop_token& stop) {
  auto simulated = TRY(make_simulated(options.scenario, catalog));
  auto& plant = simulated.plant;
  const PlantLife life = TRY(life_of(simulated.life, options));
  if (!options.dataset.empty()) {
    TRY(scale(*plant, options.messages, false));
    return make_dataset(*plant, life, options, stop);
  }
  const bool as_messages = simulated.message && takes_messages(options.to);
  if (!as_messages && options.messages.is_asked()) {
    return no_messages(options, simulated.message.has_value());
  }
  TRY(scale(*plant, options.messages, !options.speed.empty()));
  generating::Generator::Orders orders;
  if (as_messages) {
    orders = TRY(orders_of(options.messages, *plant, *simulated.message));
    if (options.messages.rate != "max") orders.speed = life.speed;
    orders.seed = life.seed;
  }
  const bool is_past = as_messages && orders.speed == 0 && orders.rate == 0;
  const auto span = TRY(span_of(options, *plant, is_past));
  const Timestamp start = span.start;
  const Timestamp end = orders.end = span.end;
  LabelFile labels(options.labels);
  if (!options.labels.empty() && !labels.is_open()) {
    return Error{Errc::unavailable, options.labels + ": cannot be written"};
  }
  plant->set_fault_rate(life.fault_rate);
  plant->start(start, life.seed);
  TRY(plant->set_weather(life.weather));
  TRY(begin_faults(*plant, options));
  if (!as_messages) return live(*plant, options.to, life.speed, end, labels, stop);
  return send_messages(*plant, *simulated.message, std::move(orders), options, labels, stop);
}

int run(const SimulateOptions& options, const Catalog& catalog) {
  const auto tally = simulate(options, catalog, stop_on_signals());
  if (!tally) return fail(tally.error());
  if (tally->steps == 0) return Exit::done;  // messages have counts of their own
  std::fprintf(
      stderr, "%llu steps, %llu readings sent and received, %llu not sent by devices in dropout\n",
      static_cast<unsigned long long>(tally->steps), static_cast<unsigned long long>(tally->sent),
      static_cast<unsigned long long>(tally->silent));
  return Exit::done;
}

void add_dataset_options(CLI::App& command, SimulateOptions& options) {
  command.add_option("--dataset", options.dataset,
                     "write labelled data into this folder instead of sending: readings.csv, "
                     "events.jsonl, labels.csv (consequences too, by a second run without the "
                     "faults), dataset.json");
  command
      .add_option("--labelled", options.labelled,
                  "with --dataset: the share of all values to be under a fault's influence; the "
                  "fault rate that brings it is searched for")
      ->check(CLI::Range(1e-4, 0.5));
}

void add_message_options(CLI::App& command, GenerateOptions& messages) {
  command.add_option("--devices", messages.devices, "of a fleet: so many, 1 to 1000000");
  command.add_option("--rate", messages.rate,
                     "messages a second, or max; the devices send as often as it takes");
  command.add_option("--count", messages.count, "end after exactly so many messages");
  command.add_option("--late", messages.late, "share of the messages that come late");
  command.add_option("--duplicate", messages.duplicate, "… that come twice");
  command.add_option("--out-of-order", messages.out_of_order, "… after the device's next one");
  command.add_option("--cut", messages.cut, "… without their end");
  command.add_option("--expect", messages.expect,
                     "count those that meet a condition, as temperature>80");
  command.add_option("--counts", messages.counts, "write the exact counts here, as JSON");
}

}  // namespace

void add_simulate(Program& program) {
  const auto options =
      std::make_shared<SimulateOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand(
      "simulate", "Runs a scenario's plant by itself and sends its readings like real devices");
  command->add_option("SCENARIO", options->scenario, "the scenario")->capture_default_str();
  command
      ->add_option(
          "--to", options->to,
          "mqtt://host:1883/prefix, kafka://host:9092/topic (?form=device: a message a "
          "device), http://host:8090, "
          "ngsi+http://host:1026/path?tenant=T&type=Room "
          "(an NGSI v2 broker), file:PATH.csv|.jsonl, stdout or -. Where the scenario has "
          "[source.message], kafka, mqtt, file and stdout get such messages, and http with "
          "?form=message")
      ->capture_default_str();
  command->add_option("--speed", options->speed,
                      "times real time, or max; default: the scenario's");
  command->add_option("--start", options->start,
                      "the plant's first instant (ISO 8601); default: now");
  command->add_option("--duration", options->duration, "of plant time, as 24h; default: no end");
  command->add_option("--seed", options->seed,
                      "the same seed and start: the same readings; default: the scenario's");
  command
      ->add_option("--fault-rate", options->fault_rate,
                   "share of sensor-time under a fault; default: the scenario's")
      ->check(CLI::Range(0.0, highest_fault_rate));
  command->add_option("--weather", options->weather,
                      "auto, or one of the plant's: dry, rain, clear …; default: the scenario's");
  command->add_option("--fault", options->faults, "begin with this one: NAME or NAME:TARGET");
  command->add_option("--labels", options->labels, "write the ground truth here, as JSON lines");
  add_dataset_options(*command, *options);
  add_message_options(*command, options->messages);
  command->footer(
      "Examples:\n"
      "  sosie simulate --to mqtt://127.0.0.1:1883/traffeyere --speed 60\n"
      "  sosie simulate scenarios/room/room.toml --to \"ngsi+http://127.0.0.1:1026?type=Room\"\n"
      "  sosie simulate --to file:day.csv --speed max --duration 24h --start 2026-01-01 --seed 7\n"
      "  sosie simulate --dataset plant30 --duration 30d --seed 7 --labelled 0.02\n"
      "  sosie simulate scenarios/fleet/fleet.toml --to kafka://127.0.0.1:9092/fleet --devices "
      "10000 --rate 50000");
  command->callback([&program, options] {
    program.run = [&program, options] { return run(*options, program.catalog); };
  });
}

}  // namespace sosie::app
