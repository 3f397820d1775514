#include "diagnosis/profile.h"

#include <algorithm>
#include <cmath>

#include "statistics/model_bytes.h"

namespace sosie {
namespace {

constexpr std::string_view kind_name = "profile";
constexpr std::uint32_t model_version = 1;
constexpr std::size_t reservoir_size = 256;
constexpr std::size_t enough = 200;  ///< values that can bear a 0.5 % quantile without neighbours
constexpr std::size_t least = 20;    ///< values, with the neighbours', for any band at all
constexpr double far = 5;            ///< robust deviations: beyond that a value is no one's habit

/// splitmix64 of a counter: chance enough for a reservoir, and the same in every run.
std::uint64_t draw(std::uint64_t& counter) {
  std::uint64_t z = (counter += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

double quantile(const std::vector<float>& sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const auto high = std::min(low + 1, sorted.size() - 1);
  const double part = place - static_cast<double>(low);
  return static_cast<double>(sorted[low]) * (1 - part) + static_cast<double>(sorted[high]) * part;
}

/// The band of values most of which are ordinary. The quartiles, and with them the reach of what is
/// ordinary, are safe from a fault that fills less than a quarter of the values.
NormalProfile::Band band_of(std::vector<float> values) {
  std::ranges::sort(values);
  const double middle = quantile(values, 0.5);
  const double down = (middle - quantile(values, 0.25)) / 0.6745;
  const double up = (quantile(values, 0.75) - middle) / 0.6745;
  double low = quantile(values, 0.005);
  double high = quantile(values, 0.995);
  const double width = std::max(down, up);
  if (width > 0) {  // else it rests most of the time, and what it does besides is its habit too
    low = std::max(low, middle - far * std::max(down, width / 2));
    high = std::min(high, middle + far * std::max(up, width / 2));
  }
  return {.low = low, .high = high};
}

}  // namespace

NormalProfile::NormalProfile(Zone zone) : zone_(std::move(zone)) {}

void NormalProfile::begin(const AssetColumns& columns) {
  for (auto i = columns_.size(); i < columns.size(); ++i) {
    columns_.emplace_back().name = columns.info[i]->name();
  }
}

void NormalProfile::learn(const Frame& frame) {
  if (last_ != Timestamp{} && frame.at - last_ < std::chrono::minutes(1)) return;
  last_ = frame.at;
  const auto local = frame.at + zone_.offset(frame.at);
  const auto since_midnight = local - std::chrono::floor<std::chrono::days>(local);
  const auto hour = static_cast<std::size_t>(
      std::chrono::duration_cast<std::chrono::hours>(since_midnight).count());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (std::isnan(frame.values[i])) continue;
    auto& sample = columns_[i].samples.at(hour);
    const auto value = static_cast<float>(frame.values[i]);
    ++sample.seen;
    if (sample.values.size() < reservoir_size) {
      sample.values.push_back(value);
    } else if (const auto at = draw(draws_) % sample.seen; at < reservoir_size) {
      sample.values[at] = value;
    }
  }
}

void NormalProfile::settle() {
  for (auto& column : columns_) settle(column);
}

void NormalProfile::settle(Column& column) {
  for (std::size_t hour = 0; hour < hours; ++hour) {
    std::vector<float> values = column.samples.at(hour).values;
    for (std::size_t reach = 1; values.size() < enough && reach <= 3; ++reach) {
      for (const auto other : {(hour + reach) % hours, (hour + hours - reach) % hours}) {
        const auto& more = column.samples.at(other).values;
        values.insert(values.end(), more.begin(), more.end());
      }
    }
    if (values.size() >= least) column.day.at(hour) = band_of(std::move(values));
  }
}

std::optional<NormalProfile::Band> NormalProfile::band(std::uint32_t column,
                                                       std::size_t hour) const {
  if (column >= columns_.size() || hour >= hours) return std::nullopt;
  return columns_[column].day.at(hour);
}

std::string NormalProfile::save() const {
  ModelWriter writer(kind_name, model_version);
  writer.integer(columns_.size());
  for (const auto& column : columns_) {
    writer.text(column.name);
    std::vector<double> numbers;  // hour, low, high of each that is known
    for (std::size_t hour = 0; hour < hours; ++hour) {
      const auto& known = column.day.at(hour);
      if (known)
        numbers.insert(numbers.end(), {static_cast<double>(hour), known->low, known->high});
    }
    writer.numbers(numbers);
  }
  return std::move(writer).finish();
}

std::optional<NormalProfile::Day> NormalProfile::day_of(std::span<const double> numbers) {
  Day day;
  for (std::size_t k = 0; k + 2 < numbers.size(); k += 3) {
    const double hour = numbers[k];
    const Band band{.low = numbers[k + 1], .high = numbers[k + 2]};
    const bool fits = hour >= 0 && hour < static_cast<double>(hours) && band.low <= band.high;
    if (!fits) return std::nullopt;
    day.at(static_cast<std::size_t>(hour)) = band;
  }
  return day;
}

Result<void> NormalProfile::load(std::string_view bytes) {
  auto reader = TRY(ModelReader::open(bytes, kind_name, model_version));
  const auto count = TRY(reader.count(2 * sizeof(std::uint64_t)));
  std::vector<std::pair<std::string, Day>> days;
  for (std::size_t i = 0; i < count; ++i) {
    auto name = TRY(reader.text());
    const auto numbers = TRY(reader.numbers());
    const auto day = day_of(numbers);
    if (!day) return Error{Errc::corrupt, fmt::format("a profile: a bad band of '{}'", name)};
    days.emplace_back(std::move(name), *day);
  }
  for (auto& [name, day] : days) {
    const auto found = std::ranges::find(columns_, name, &Column::name);
    if (found != columns_.end()) found->day = day;
  }
  return {};
}

}  // namespace sosie
