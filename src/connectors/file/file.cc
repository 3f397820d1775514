#include <array>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "connectors/file/cursor.h"
#include "connectors/file/decoder.h"
#include "connectors/file/mapping.h"
#include "connectors/file/pace.h"
#include "connectors/file/table.h"
#include "connectors/file/truth.h"
#include "core/catalog.h"
#include "core/source.h"
#include "simulation/label.h"

namespace sosie {
namespace file {
namespace {

constexpr std::size_t batch_readings = 4096;
constexpr std::array<std::string_view, 2> beginnings{"start", "cursor"};

enum class From { start, cursor };

struct Config {
  std::vector<std::string> paths;
  double speed = 0;  ///< times real time; 0: as fast as possible
  Duration max_gap = std::chrono::hours(24);
  From from = From::start;
  Mapping mapping;
};

/// One file on its way in.
class Playing {
 public:
  Playing(std::string path, Table table, Decoder decoder, Truth truth, Intake& intake,
          LabelSink* labels)
      : path_(std::move(path)),
        table_(std::move(table)),
        decoder_(std::move(decoder)),
        truth_(std::move(truth)),
        intake_(intake),
        labels_(labels),
        done_(table_.position()) {}

  /// Goes on where an earlier life has committed.
  Result<void> resume() {
    const auto kept = intake_.recall(key());
    if (!kept) return {};
    const auto cursor = Cursor::from_text(*kept);
    std::error_code ignored;
    const auto size = std::filesystem::file_size(path_, ignored);
    if (!cursor || cursor->header != header() || cursor->next.offset > size) {
      log::warning("file", "{}: another file than was read before; it is read from its start",
                   path_);
      return {};
    }
    truth_.load(cursor->truth);
    done_ = cursor->next;
    return table_.seek(cursor->next);
  }

  /// To the end of the file, or until asked to stop. A row is played when the next one is known.
  Result<void> run(Pace& pace, const std::stop_token& stop) {
    Decoded row;
    Decoded next;
    bool has_row = TRY(read(row));
    while (has_row && !stop.stop_requested()) {
      const auto after = table_.position();
      const bool has_next = TRY(read(next));
      play(row, has_next ? next.at : std::nullopt, pace, stop);
      if (stop.stop_requested()) break;  // its time has not come: next time again
      done_ = after;
      if (batch_.size() >= batch_readings) put(stop);
      std::swap(row, next);
      has_row = has_next;
    }
    if (stop.stop_requested()) return {};
    if (labels_ != nullptr) truth_.end(*labels_);
    done_ = table_.position();
    put(stop);
    log::info("file", "{}: {} readings; refused {} times; {} rows outside begin and end", path_,
              readings_, decoder_.refused(), decoder_.outside());
    return {};
  }

 private:
  std::string key() const { return "file:" + path_; }
  std::string header() const { return fmt::format("{}", fmt::join(table_.columns(), "\n")); }

  /// The next row that can be read and lies in the wanted span; false at the end.
  Result<bool> read(Decoded& row) {
    for (;;) {
      const bool more = TRY(table_.next(raw_));
      if (!more) return false;
      decoder_.decode(raw_, row);
      if (row.at) return true;
    }
  }

  /// REQUIRES: row.at.
  void play(const Decoded& row, std::optional<Timestamp> next, Pace& pace,
            const std::stop_token& stop) {
    const Timestamp at = row.at.value_or(Timestamp());
    if (pace.must_wait(at, next)) put(stop);  // nobody waits for what is there already
    pace.wait(at, next, stop);
    if (stop.stop_requested()) return;
    if (labels_ != nullptr) truth_.pass(at, row.is_labelled, *labels_);
    batch_.insert(batch_.end(), row.readings.begin(), row.readings.end());
    readings_ += row.readings.size();
  }

  /// Nothing is put after a stop request, and the cursor then stays before what was not put.
  void put(const std::stop_token& stop) {
    if (!batch_.empty()) {
      intake_.put(batch_, std::filesystem::path(path_).filename().string());
      batch_.clear();
    }
    if (stop.stop_requested()) return;
    const Cursor cursor{.next = done_, .header = header(), .truth = truth_.save()};
    intake_.remember(key(), cursor.to_text());
  }

  std::string path_;
  Table table_;
  Decoder decoder_;
  Truth truth_;
  Intake& intake_;
  LabelSink* labels_;
  csv::Position done_;  ///< everything before it is in batch_ or put
  TableRow raw_;
  std::vector<Reading> batch_;
  std::size_t readings_ = 0;
};

/// Plays recordings, one after the other.
class FileSource final : public Source, public Labelled {
 public:
  explicit FileSource(Config config) : config_(std::move(config)) {}

  void labels_to(LabelSink& sink) override { labels_ = &sink; }

  std::vector<SeriesInfo> described() const override {
    std::vector<SeriesInfo> all;
    for (const auto& path : config_.paths) {
      for (const auto& column : config_.mapping.series) all.push_back(column.of_file(path));
    }
    return all;
  }

  Result<void> run(Intake& intake, std::stop_token stop) override {
    Pace pace(intake.clock(), config_.speed, config_.max_gap);
    for (const auto& path : config_.paths) {
      if (stop.stop_requested()) break;
      TRY(play(path, pace, intake, stop));
    }
    return {};
  }

 private:
  Result<void> play(const std::string& path, Pace& pace, Intake& intake,
                    const std::stop_token& stop) {
    const auto& mapping = config_.mapping;
    auto table = TRY(Table::open(path, mapping.table, mapping.columns()));
    auto decoder = TRY(Decoder::create(mapping, path, table, intake));
    auto truth = TRY(Truth::create(mapping.truth, std::filesystem::path(path).filename().string(),
                                   mapping.common.asset));
    Playing playing(path, std::move(table), std::move(decoder), std::move(truth), intake, labels_);
    if (config_.from == From::cursor) {
      TRY(playing.resume());
    }
    return playing.run(pace, stop);
  }

  Config config_;
  LabelSink* labels_ = nullptr;  ///< set before run, or never
};

Result<std::vector<std::string>> read_paths(Section& section) {
  if (section.has("path") && section.has("paths")) {
    return section.wrong("paths", "stands beside 'path'; expected one of the two");
  }
  if (!section.has("paths")) {
    auto path = TRY(section.path("path"));
    return std::vector<std::string>{std::move(path)};
  }
  auto paths = TRY(section.texts("paths"));
  if (paths.empty()) return section.wrong("paths", "is empty, expected file names");
  for (auto& path : paths) path = (std::filesystem::path(section.folder()) / path).string();
  return paths;
}

/// Times real time, or 0 for "max".
Result<double> read_speed(Section& section) {
  const auto word = section.text("speed", "max");
  if (word && *word == "max") return 0;
  auto number = section.number("speed", 0);
  if (number && *number >= 0) return number;
  return section.wrong("speed", "expected times real time, as 1 or 60, or \"max\"");
}

Result<std::unique_ptr<Source>> make(Section& section) {
  auto paths = TRY(read_paths(section));
  auto mapping = TRY(Mapping::read(section));
  Config config{.paths = std::move(paths), .mapping = std::move(mapping)};
  config.speed = TRY(read_speed(section));
  config.max_gap = TRY(section.duration("max_gap", config.max_gap));
  const auto from = TRY(section.choice("from", "start", beginnings));
  if (from == "cursor") config.from = From::cursor;
  return std::make_unique<FileSource>(std::move(config));
}

}  // namespace
}  // namespace file

void register_connectors_file(Catalog& catalog);
void register_connectors_file(Catalog& catalog) {
  catalog.add<Source>("file", file::make);
}

}  // namespace sosie
