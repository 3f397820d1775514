#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/catalog.h"
#include "core/detector.h"

namespace sosie::testing {

/// An asset of made-up sensors, and the frames it would give, for tests of detectors.
class Rig {
 public:
  explicit Rig(const std::vector<SeriesInfo>& sensors, Duration period = std::chrono::seconds(5),
               Timestamp start = Timestamp(std::chrono::hours(24 * 20000)))
      : at_(start) {
    columns_.asset = "rig";
    columns_.period = period;
    for (const auto& sensor : sensors) add(sensor);
  }

  /// Sensors "S0", "S1" … with nothing known of them.
  static std::vector<SeriesInfo> plain(std::size_t count) {
    std::vector<SeriesInfo> sensors(count);
    for (std::size_t i = 0; i < count; ++i) {
      sensors[i].entity = fmt::format("S{}", i);
      sensors[i].attribute = "value";
    }
    return sensors;
  }

  void add(const SeriesInfo& sensor) {
    columns_.series.push_back({static_cast<std::uint32_t>(infos_.size())});
    infos_.push_back(std::make_unique<SeriesInfo>(sensor));
    columns_.info.push_back(infos_.back().get());
    values_.push_back(std::numeric_limits<double>::quiet_NaN());
    measured_at_.emplace_back();
    fresh_.push_back(0);
  }

  const AssetColumns& columns() const { return columns_; }
  Timestamp now() const { return at_; }

  /// One period later: sensor i sends values[i], or is silent. Valid until the next call.
  Frame sparse_frame(const std::vector<std::optional<double>>& values) {
    at_ += columns_.period;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const auto& value = values.at(i);
      fresh_[i] = value ? 1 : 0;
      if (!value) continue;
      values_[i] = *value;
      measured_at_[i] = at_;
    }
    return {at_, values_, measured_at_, fresh_};
  }
  /// One period later: every sensor sends.
  Frame frame(const std::vector<double>& values) {
    return sparse_frame({values.begin(), values.end()});
  }

 private:
  AssetColumns columns_;
  std::vector<std::unique_ptr<SeriesInfo>> infos_;
  std::vector<double> values_;
  std::vector<Timestamp> measured_at_;
  std::vector<std::uint8_t> fresh_;
  Timestamp at_;
};

/// Keeps what a detector reports.
class Recorder final : public SymptomSink {
 public:
  void report(const Symptom& symptom) override {
    shares.emplace_back(symptom.shares.begin(), symptom.shares.end());
    symptoms.push_back(symptom);
    symptoms.back().shares = {};
  }

  /// "stuck 0, -stuck 0": a minus where it is over, '*' for the whole asset.
  std::string text() const {
    std::string all;
    for (const auto& s : symptoms) {
      all += fmt::format("{}{}{} {}", all.empty() ? "" : ", ", s.active ? "" : "-", to_text(s.kind),
                         s.column == no_column ? "*" : std::to_string(s.column));
    }
    return all;
  }

  std::vector<Symptom> symptoms;
  std::vector<std::vector<Share>> shares;  ///< of each symptom
};

/// What the plug-in makes of `toml`; the Error's text where it makes none.
struct Made {
  std::unique_ptr<Detector> detector;
  std::string error;
};
inline Made make_detector(void (*enroll)(Catalog&), Result<Section> section) {
  if (!section) return {nullptr, section.error().what};
  Catalog catalog;
  enroll(catalog);
  auto made = catalog.make<Detector>(*section);
  if (!made) return {nullptr, made.error().what};
  return {std::move(made).value(), ""};
}
inline Made make_detector(void (*enroll)(Catalog&), std::string_view toml) {
  return make_detector(enroll, Section::read_text(toml, "test"));
}

}  // namespace sosie::testing
