#include "messages/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <udunits2.h>

#include "base/text.h"

namespace sosie::messages {
namespace {

constexpr std::size_t shown_unit_bytes = 40;
constexpr std::size_t most_known = 1000;  // units that messages have said, of a value

/// Codes that UDUNITS does not know, or takes for something else.
constexpr std::array<std::pair<std::string_view, std::string_view>, 41> codes{{
    // SenML, RFC 8428, 12.1
    {"Cel", "°C"},
    {"%RH", "%"},
    {"/", "1"},
    {"l", "L"},
    {"l/s", "L/s"},
    {"m3/s", "m3 s-1"},
    {"deg", "degree"},
    {"beat/min", "1/min"},
    // What UDUNITS wants in two words.
    {"Wh", "W h"},
    {"kWh", "kW h"},
    {"MWh", "MW h"},
    // UN/CEFACT recommendation 20
    {"CEL", "°C"},
    {"FAH", "°F"},
    {"KEL", "K"},
    {"P1", "%"},
    {"2N", "dB"},
    {"GQ", "ug m-3"},
    {"GP", "mg m-3"},
    {"M1", "mg L-1"},
    {"KMH", "km h-1"},
    {"MTS", "m s-1"},
    {"MTR", "m"},
    {"KMT", "km"},
    {"MMT", "mm"},
    {"CMT", "cm"},
    {"KWH", "kW h"},
    {"KWT", "kW"},
    {"WTT", "W"},
    {"VLT", "V"},
    {"AMP", "A"},
    {"A97", "hPa"},
    {"PAL", "Pa"},
    {"MBR", "mbar"},
    {"BAR", "bar"},
    {"LTR", "L"},
    {"MTQ", "m3"},
    {"MQH", "m3 h-1"},
    {"C62", "1"},
    {"SEC", "s"},
    {"MIN", "min"},
    {"HUR", "h"},
}};

std::string_view plain(std::string_view unit) {
  const auto* const found =
      std::ranges::find(codes, unit, &std::pair<std::string_view, std::string_view>::first);
  return found == codes.end() ? unit : found->second;
}

/// A number of few digits, where what was calculated is that but for the last bits.
double rounded(double number) {
  const auto few = to_number(fmt::format("{:.12g}", number)).value_or(number);
  return std::abs(few - number) <= 1e-13 * std::abs(number) ? few : number;
}

/// UDUNITS-2's, which takes one thread at a time.
class Library {
 public:
  static Library& get() {
    static Library library;
    return library;
  }

  Result<Conversion> convert(std::string_view from, std::string_view to) {
    const std::scoped_lock lock(mutex_);
    const Unit before = parse(plain(from));
    if (!before) return unknown(from);
    const Unit after = parse(plain(to));
    if (!after) return unknown(to);
    const std::unique_ptr<cv_converter, decltype(&cv_free)> converter(
        ut_get_converter(before.get(), after.get()), cv_free);
    if (!converter) {
      return Error{Errc::invalid, fmt::format("the unit '{}' cannot become '{}'", from, to)};
    }
    // Between the units of what is measured, the logarithmic ones left out, a line is all there is.
    constexpr double far = 1e6;  // so that an offset of hundreds costs the scale no digits
    const double at_zero = cv_convert_double(converter.get(), 0);
    const double at_far = cv_convert_double(converter.get(), far);
    return Conversion{rounded((at_far - at_zero) / far), rounded(at_zero)};
  }

 private:
  using Unit = std::unique_ptr<ut_unit, decltype(&ut_free)>;

  Library() {
    ut_set_error_message_handler(ut_ignore);
    system_ = ut_read_xml(nullptr);
  }

  Unit parse(std::string_view text) const {
    return {system_ == nullptr ? nullptr : ut_parse(system_, std::string(text).c_str(), UT_UTF8),
            ut_free};
  }

  static Error unknown(std::string_view unit) {
    return {Errc::invalid,
            fmt::format("the unit '{}' is not known", unit.substr(0, shown_unit_bytes))};
  }

  std::mutex mutex_;
  ut_system* system_ = nullptr;  ///< for as long as the program lives
};

}  // namespace

Result<Conversion> conversion(std::string_view from, std::string_view to) {
  const auto before = trim(from);
  const auto after = trim(to);
  if (plain(before) == plain(after)) return Conversion{};
  return Library::get().convert(before, after);
}

Result<std::shared_ptr<Units>> Units::read(Section& section, std::span<const std::string> names) {
  const auto path = TRY(section.text("unit", "unit"));
  const auto units = TRY(section.text_map("units"));
  if (units.empty()) {
    if (section.has("unit") && !section.has("units"))
      return section.wrong("unit", "needs 'units': what it is to become");
    return std::shared_ptr<Units>();
  }
  std::vector<std::string> wanted(names.size());
  for (const auto& [name, unit] : units) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      return section.wrong("units", fmt::format("has '{}', which is none of its values", name));
    }
    wanted[static_cast<std::size_t>(found - names.begin())] = unit;
  }
  return std::make_shared<Units>(std::move(wanted), path);
}

Result<Conversion> Units::of(std::size_t which, std::string_view unit) {
  if (unit.empty() || wanted_[which].empty()) return Conversion{};
  known_.resize(wanted_.size());
  Known& known = known_[which];
  if (const auto found = known.find(unit); found != known.end()) return found->second;
  const auto made = TRY(conversion(unit, wanted_[which]));
  if (known.size() < most_known) known.emplace(unit, made);
  return made;
}

}  // namespace sosie::messages
