#include "connectors/influxdb/sink.h"

#include "connectors/influxdb/writer.h"
#include "messages/outgoing.h"

namespace sosie::influxdb {
namespace {

class InfluxSink final : public Sink {
 public:
  explicit InfluxSink(Config config)
      : config_(std::move(config)), series_(config_.series), writer_(config_) {}

  bool wants_readings() const override { return config_.readings.has_value(); }
  std::uint64_t left_out() const override { return left_out_; }

  Result<std::vector<SinkRefusal>> take(std::span<const SinkReading> readings,
                                        const SeriesTable& series) override {
    std::vector<std::string> lines;
    lines.reserve(readings.size());
    std::uint64_t left_out = 0;
    for (const auto& one : readings) {
      if (!series_.has(one.reading.series, series)) {
        ++left_out;
        continue;
      }
      add(lines, *config_.readings, {&series[one.reading.series], &one, nullptr});
    }
    return write(lines, left_out);
  }

  Result<std::vector<SinkRefusal>> take(std::span<const AlarmEvent> steps,
                                        const SeriesTable& series) override {
    std::vector<std::string> lines;
    std::uint64_t left_out = 0;
    for (const auto& step : steps) {
      if (!config_.alarms || !series_.has(step.alarm.series, series)) {
        ++left_out;
        continue;
      }
      const SeriesInfo* const info = step.alarm.series ? &series[*step.alarm.series] : nullptr;
      add(lines, *config_.alarms, {info, nullptr, &step});
    }
    return write(lines, left_out);
  }

 private:
  Result<std::vector<SinkRefusal>> write(const std::vector<std::string>& lines,
                                         std::uint64_t left_out) {
    auto refused = TRY(writer_.write(lines));
    left_out_ += left_out;
    return refused;
  }
  void add(std::vector<std::string>& lines, const LineTemplate& form,
           const Subject& subject) const {
    std::string text;
    if (form.append(text, subject, config_.precision)) lines.push_back(std::move(text));
  }

  const Config config_;
  messages::ChosenSeries series_;
  std::uint64_t left_out_ = 0;
  Writer writer_;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(Section& section) {
  auto config = TRY(Config::read(section));
  return std::make_unique<InfluxSink>(std::move(config));
}

}  // namespace sosie::influxdb
