#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "core/operator.h"
#include "operators/normal/profile.h"
#include "statistics/model_bytes.h"

namespace sosie::normal {
namespace {

constexpr std::string_view what = "normal";
constexpr std::uint32_t version = 1;

/// Which hour of the site's week an instant lies in, from Monday's first on.
class WeekHour {
 public:
  explicit WeekHour(Zone zone) : zone_(std::move(zone)) {}

  std::size_t of(Timestamp at) {
    if (at < begin_ || at >= begin_ + quarter) look(at);
    return hour_;
  }

 private:
  static constexpr auto quarter = std::chrono::minutes(15);  ///< zones change at its multiples

  void look(Timestamp at) {
    begin_ = std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<900>>>(at);
    const auto local = begin_ + zone_.offset(begin_);
    const auto hours = std::chrono::floor<std::chrono::hours>(local).time_since_epoch().count();
    const auto since_monday = hours + (std::int64_t{3} * 24);  // 1970-01-01 was a Thursday
    const auto week = static_cast<std::int64_t>(Profile::hours_of_week);
    hour_ = static_cast<std::size_t>(((since_monday % week) + week) % week);
  }

  Zone zone_;
  Timestamp begin_ = Timestamp::min();
  std::size_t hour_ = 0;
};

struct Spec {
  std::vector<std::string> series;
  std::string name;
  Profile::Config profile;
  Zone zone;
};

class NormalOperator final : public Operator {
 public:
  explicit NormalOperator(const Spec& spec)
      : series_(spec.series), name_(spec.name), config_(spec.profile), hour_(spec.zone) {}

  std::vector<std::string> takes() const override { return series_; }
  bool gives(std::string_view attribute) const override { return attribute.ends_with("_" + name_); }
  std::vector<Made> makes() const override {
    std::vector<Made> all;
    for (const auto& pattern : series_) {
      const bool has_attribute = pattern.find('.') != std::string::npos;
      all.push_back({pattern, fmt::format("{}{}_{}", pattern, has_attribute ? "" : ".*", name_)});
    }
    return all;
  }
  Duration memory() const override { return kept_every + kept_every; }
  bool meet(SeriesId series, const SeriesInfo& info, OperatorGround& ground) override;
  void take(const Reading& reading, std::vector<Reading>& out) override;
  std::string save() const override;
  Result<void> load(std::string_view learned) override;
  OperatorCounts counts() const override { return counts_; }

 private:
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  /// The engine saves what is learned more often than this, by event time of live data.
  static constexpr Duration kept_every = std::chrono::minutes(30);
  struct Course {
    std::string name;
    SeriesId made;
    Timestamp newest = Timestamp::min();  ///< what was learned; an amendment is not learned again
    Profile profile;
  };

  const std::vector<std::string> series_;
  const std::string name_;
  const Profile::Config config_;
  WeekHour hour_;
  std::vector<std::uint32_t> course_of_;  ///< by series
  std::vector<Course> courses_;
  struct Learned {
    Timestamp newest;
    std::vector<double> numbers;
  };
  std::unordered_map<std::string, Learned> learned_;  ///< of an earlier life, by name
  OperatorCounts counts_;
};

bool NormalOperator::meet(SeriesId series, const SeriesInfo& info, OperatorGround& ground) {
  const bool is_derived = ground.is_derived(series);
  const bool is_wanted = std::ranges::any_of(
      series_, [&](const std::string& pattern) { return is_meant(pattern, info, is_derived); });
  if (!is_wanted) return false;
  Course course;
  course.name = info.name();
  SeriesInfo made = info;
  made.attribute = fmt::format("{}_{}", info.attribute.str(), name_);
  made.unit = "";
  made.low.reset();
  made.high.reset();
  made.sensor_class = "";
  const std::string en = info.quantity.en.empty() ? info.attribute : info.quantity.en;
  const std::string fr = info.quantity.fr.empty() ? en : info.quantity.fr.str();
  made.quantity = Words{en + ", deviation from normal", fr + ", écart à la normale"};
  course.made = ground.declare(made);
  if (const auto known = learned_.find(course.name); known != learned_.end()) {
    if (course.profile.restore(known->second.numbers)) course.newest = known->second.newest;
    learned_.erase(known);
  }
  if (course_of_.size() <= series.index) course_of_.resize(series.index + 1, none);
  course_of_[series.index] = static_cast<std::uint32_t>(courses_.size());
  courses_.push_back(std::move(course));
  return true;
}

void NormalOperator::take(const Reading& reading, std::vector<Reading>& out) {
  if (reading.series.index >= course_of_.size()) return;
  const std::uint32_t index = course_of_[reading.series.index];
  if (index == none) return;
  if (reading.quality == Quality::bad) {
    ++counts_.bad;
    return;
  }
  Course& course = courses_[index];
  const std::size_t hour = hour_.of(reading.at);
  ++counts_.taken;
  if (const auto off = course.profile.deviation(reading.value, hour, config_)) {
    out.push_back({reading.at, *off, course.made});
    ++counts_.given;
  }
  if (reading.at <= course.newest) {
    ++counts_.amended;
    return;
  }
  course.newest = reading.at;
  course.profile.learn(reading.value, hour, config_);
}

std::string NormalOperator::save() const {
  ModelWriter writer(what, version);
  writer.integer(courses_.size());
  for (const Course& course : courses_) {
    writer.text(course.name);
    writer.integer(static_cast<std::uint64_t>(course.newest.time_since_epoch().count()));
    writer.numbers(course.profile.numbers());
  }
  return std::move(writer).finish();
}

Result<void> NormalOperator::load(std::string_view learned) {
  auto reader = TRY(ModelReader::open(learned, what, version));
  const auto count = TRY(reader.count(16));
  for (std::size_t i = 0; i < count; ++i) {
    auto name = TRY(reader.text());
    const auto newest = TRY(reader.integer());
    auto numbers = TRY(reader.numbers());
    learned_[std::move(name)] = {Timestamp(Duration(static_cast<std::int64_t>(newest))),
                                 std::move(numbers)};
  }
  return {};
}

Result<std::unique_ptr<Operator>> make(Section& section) {
  auto series = TRY(section.texts("series"));
  if (series.empty()) {
    return section.wrong("series", "is missing; expected names, '*' is any text");
  }
  static constexpr std::array<std::string_view, 2> periods{"week", "day"};
  const auto period = TRY(section.choice("period", "week", periods));
  Profile::Config config;
  config.period = period == "day" ? Profile::Period::day : Profile::Period::week;
  config.memory = TRY(section.number("memory", config.memory));
  config.least_values = TRY(section.number("least_values", config.least_values));
  config.least_spread = TRY(section.number("least_spread", config.least_spread));
  if (config.memory < 20 || config.memory > 1e6) {
    return section.wrong("memory", "expected 20 to 1000000 values");
  }
  if (config.least_values < 2 || config.least_values > config.memory) {
    return section.wrong("least_values", "expected 2 to memory");
  }
  if (config.least_spread < 0) return section.wrong("least_spread", "expected 0 or more");
  const auto name = TRY(section.text("name", "deviation"));
  if (name.empty() || name.find_first_of("./ ") != std::string::npos) {
    return section.wrong("name", "is expected to be a word without '.' or '/'");
  }
  const auto zone_name = TRY(section.text("zone", "UTC"));
  auto zone = Zone::find(zone_name);
  if (!zone) return section.wrong("zone", zone.error().what);
  return std::make_unique<NormalOperator>(
      Spec{std::move(series), name, config, std::move(zone).value()});
}

}  // namespace
}  // namespace sosie::normal

namespace sosie {

void register_operators_normal(Catalog& catalog) {
  catalog.add<Operator>("normal", normal::make);
}

}  // namespace sosie
