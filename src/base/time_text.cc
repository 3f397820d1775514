#include "base/time_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <exception>

#include <date/tz.h>
#include <fmt/format.h>

#include "base/text.h"

namespace sosie {
namespace {

using std::chrono::seconds;

const date::time_zone& zone_of(const void* zone) {
  return *static_cast<const date::time_zone*>(zone);
}

/// Two digits at `text[at]`, or -1.
int two_digits(std::string_view text, std::size_t at) {
  if (at + 2 > text.size()) return -1;
  const auto digit = [&](std::size_t i) {
    return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : -1;
  };
  const int high = digit(at);
  const int low = digit(at + 1);
  return high < 0 || low < 0 ? -1 : high * 10 + low;
}

std::optional<Timestamp> civil(int year, int month, int day, Duration of_day) {
  const date::year_month_day ymd{date::year(year), date::month(static_cast<unsigned>(month)),
                                 date::day(static_cast<unsigned>(day))};
  if (!ymd.ok()) return std::nullopt;
  return Timestamp(date::sys_days(ymd).time_since_epoch()) + of_day;
}

/// ".25" and the like at the front of `text`, which is shortened by it; microseconds.
std::optional<Duration> take_fraction(std::string_view& text) {
  if (!text.starts_with('.') && !text.starts_with(',')) return Duration{0};
  text.remove_prefix(1);
  Duration::rep us = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits < 6) us = us * 10 + (text[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  for (std::size_t i = digits; i < 6; ++i) us *= 10;
  text.remove_prefix(digits);
  return Duration(us);
}

/// What stands behind an ISO time: "", "Z", "+01:00", "-0330".
struct OffsetText {
  seconds offset;
  bool given;
};

std::optional<OffsetText> read_offset(std::string_view text) {
  if (text.empty()) return OffsetText{seconds(0), false};
  if (text == "Z" || text == "z") return OffsetText{seconds(0), true};
  if (text[0] != '+' && text[0] != '-') return std::nullopt;
  const int hours = two_digits(text, 1);
  const bool colon = text.size() > 3 && text[3] == ':';
  const std::size_t minute_at = colon ? 4U : 3U;
  const int minutes = text.size() > 3 ? two_digits(text, minute_at) : 0;
  const std::size_t length = text.size() > 3 ? minute_at + 2 : 3;
  if (hours < 0 || minutes < 0 || text.size() != length) return std::nullopt;
  const seconds size(hours * 3600 + minutes * 60);
  return OffsetText{text[0] == '-' ? -size : size, true};
}

struct IsoTime {
  Timestamp at;  ///< as written, the offset not yet taken off
  OffsetText zone;
};

/// "hh:mm[:ss[.fraction]][zone]", the time of day and what stands behind it.
struct DayTime {
  Duration of_day{0};
  OffsetText zone{seconds(0), false};
};

/// REQUIRES: at least five characters.
std::optional<DayTime> read_day_time(std::string_view text) {
  const int hour = two_digits(text, 0);
  const int minute = two_digits(text, 3);
  int second = 0;
  auto rest = text.substr(5);
  if (rest.starts_with(':')) {
    second = two_digits(rest, 1);
    if (second < 0) return std::nullopt;
    rest.remove_prefix(3);
  }
  const auto fraction = take_fraction(rest);
  const auto zone = read_offset(rest);
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || second > 60) return std::nullopt;
  if (!fraction || !zone) return std::nullopt;
  return DayTime{seconds(hour * 3600 + minute * 60 + second) + *fraction, *zone};
}

std::optional<IsoTime> read_iso(std::string_view text) {
  text = trim(text);
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int century = two_digits(text, 0);
  const int year = two_digits(text, 2);
  if (century < 0 || year < 0) return std::nullopt;
  DayTime time;
  if (text.size() > 10) {
    if (text.size() < 16 || (text[10] != 'T' && text[10] != ' ') || text[13] != ':') {
      return std::nullopt;
    }
    const auto read = read_day_time(text.substr(11));
    if (!read) return std::nullopt;
    time = *read;
  }
  const auto at =
      civil(century * 100 + year, two_digits(text, 5), two_digits(text, 8), time.of_day);
  if (!at) return std::nullopt;
  return IsoTime{*at, time.zone};
}

std::optional<Timestamp> read_unix(std::string_view text, double us_per_unit) {
  if (const auto whole = to_integer(text)) {
    const auto us = static_cast<long double>(*whole) * us_per_unit;
    if (std::abs(us) > 9e18L) return std::nullopt;
    return Timestamp(Duration(static_cast<Duration::rep>(us)));
  }
  const auto value = to_number(text);
  if (!value || std::abs(*value * us_per_unit) > 9e18) return std::nullopt;
  return Timestamp(Duration(std::llround(*value * us_per_unit)));
}

/// The last `count` digits of a number that is not negative, with zeros before it.
void append_digits(std::string& text, std::int64_t number, int count) {
  const std::size_t end = text.size() + static_cast<std::size_t>(count);
  text.resize(end);
  for (std::size_t at = end; count > 0; --count, number /= 10) {
    text[--at] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace

std::string to_iso8601(Timestamp at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day ymd(day);
  const auto us = (at - day).count();
  const auto second = us / 1'000'000;
  const auto fraction = us % 1'000'000;
  const int year = static_cast<int>(ymd.year());
  std::string text;
  text.reserve(sizeof "2026-11-20T10:00:00.123456Z");
  if (year < 0 || year > 9999) {
    text = fmt::format("{:04}", year);
  } else {
    append_digits(text, year, 4);
  }
  // By hand: each reading that leaves has one, and fmt takes a quarter of a microsecond.
  append_digits(text += '-', static_cast<unsigned>(ymd.month()), 2);
  append_digits(text += '-', static_cast<unsigned>(ymd.day()), 2);
  append_digits(text += 'T', second / 3600, 2);
  append_digits(text += ':', second / 60 % 60, 2);
  append_digits(text += ':', second % 60, 2);
  if (fraction % 1000 != 0) {
    append_digits(text += '.', fraction, 6);
  } else if (fraction != 0) {
    append_digits(text += '.', fraction / 1000, 3);
  }
  return text += 'Z';
}

std::optional<Timestamp> from_iso8601(std::string_view text) {
  const auto read = read_iso(text);
  if (!read) return std::nullopt;
  return read->at - read->zone.offset;
}

Result<Zone> Zone::find(std::string_view name) {
  try {
    return Zone(std::string(name), date::locate_zone(name));
  } catch (const std::exception&) {
    return Error{
        Errc::invalid,
        fmt::format("'{}' is not a time zone; expected an IANA name, as Europe/Paris", name)};
  }
}

seconds Zone::offset(Timestamp at) const {
  return zone_of(zone_).get_info(at).offset;
}

Timestamp Zone::to_utc(Timestamp local) const {
  return zone_of(zone_).to_sys(date::local_time<Duration>(local.time_since_epoch()),
                               date::choose::earliest);
}

Result<TimeReader> TimeReader::create(std::string_view format, const Zone& zone) {
  static constexpr std::array<std::string_view, 5> words{"iso", "unix", "unix_ms", "unix_us",
                                                         "unix_ns"};
  const bool word = std::find(words.begin(), words.end(), format) != words.end();
  if (!word && format.find('%') == std::string_view::npos) {
    return Error{Errc::invalid,
                 fmt::format("'{}' is not a time format; expected iso, unix, unix_ms, unix_us, "
                             "unix_ns or a pattern as %d/%m/%Y %H:%M:%S",
                             format)};
  }
  return TimeReader(std::string(format), zone);
}

std::optional<Timestamp> TimeReader::read(std::string_view text) const {
  if (format_ == "iso") {
    const auto iso = read_iso(text);
    if (!iso) return std::nullopt;
    return iso->zone.given ? iso->at - iso->zone.offset : zone_.to_utc(iso->at);
  }
  if (format_ == "unix") return read_unix(text, 1e6);
  if (format_ == "unix_ms") return read_unix(text, 1e3);
  if (format_ == "unix_us") return read_unix(text, 1);
  if (format_ == "unix_ns") return read_unix(text, 1e-3);
  std::tm parts{};
  const std::string whole(trim(text));
  const char* end = strptime(whole.c_str(), format_.c_str(), &parts);
  if (end == nullptr) return std::nullopt;
  std::string_view rest(end);
  const auto fraction = take_fraction(rest);
  if (!fraction || !rest.empty()) return std::nullopt;
  const auto local =
      civil(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
            seconds(parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec) + *fraction);
  if (!local) return std::nullopt;
  return zone_.to_utc(*local);
}

}  // namespace sosie
