#include "twin/model/date.h"

#include <chrono>

namespace sosie::ngsi {

namespace {

/// Reads a date from left to right; every step says whether it was there.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    taken_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  char taken() const { return taken_; }

  /// Exactly `digits` digits.
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }

  /// Digits after the decimal mark, at least one, as microseconds; beyond the sixth they are cut.
  std::optional<Duration> fraction() {
    int us = 0;
    int weight = 100000;
    bool any = false;
    while (const auto digit = number(1)) {
      us += *digit * weight;
      weight /= 10;
      any = true;
    }
    return any ? std::optional(Duration(us)) : std::nullopt;
  }

 private:
  std::string_view rest_;
  char taken_ = 0;
};

std::optional<std::chrono::sys_days> read_day(DateReader& in) {
  const auto year = in.number(4);
  if (!year || !in.take("-")) return std::nullopt;
  const auto month = in.number(2);
  if (!month || !in.take("-")) return std::nullopt;
  const auto day = in.number(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// hh[:mm[:ss[.s…]]], the colons may be left out.
std::optional<Duration> read_time(DateReader& in) {
  const auto hour = in.number(2);
  if (!hour || *hour > 23) return std::nullopt;
  Duration time = std::chrono::hours(*hour);
  const bool colon = in.take(":");
  const auto minute = in.number(2);
  if (!minute) return colon ? std::nullopt : std::optional(time);
  if (*minute > 59) return std::nullopt;
  time += std::chrono::minutes(*minute);
  const bool second_colon = in.take(":");
  const auto second = in.number(2);
  if (!second) return second_colon ? std::nullopt : std::optional(time);
  if (*second > 59) return std::nullopt;
  time += std::chrono::seconds(*second);
  if (!in.take(".,")) return time;
  const auto fraction = in.fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

/// Z, or what has to be subtracted to come to UTC: ±hh[[:]mm].
std::optional<Duration> read_zone(DateReader& in) {
  if (in.at_end() || in.take("Z")) return Duration(0);
  if (!in.take("+-")) return std::nullopt;
  const int sign = in.taken() == '-' ? -1 : 1;
  const auto hours = in.number(2);
  if (!hours || *hours > 23) return std::nullopt;
  const bool colon = in.take(":");
  const auto minutes = in.number(2);
  if ((colon && !minutes) || minutes.value_or(0) > 59) return std::nullopt;
  return sign * (std::chrono::hours(*hours) + std::chrono::minutes(minutes.value_or(0)));
}

void two_digits(std::string& out, unsigned value) {
  out += static_cast<char>('0' + value / 10 % 10);
  out += static_cast<char>('0' + value % 10);
}

}  // namespace

std::optional<Timestamp> parse_date(std::string_view text) {
  DateReader in(text);
  const auto day = read_day(in);
  if (!day) return std::nullopt;
  Timestamp at = *day;
  if (in.at_end()) return at;
  if (!in.take("T")) return std::nullopt;
  const auto time = read_time(in);
  if (!time) return std::nullopt;
  at += *time;
  const auto zone = read_zone(in);
  if (!zone || !in.at_end()) return std::nullopt;
  return at - *zone;
}

void print_date(Timestamp at, std::string& out) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::milliseconds>(at - day));
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  two_digits(out, year / 100);
  two_digits(out, year % 100);
  out += '-';
  two_digits(out, static_cast<unsigned>(date.month()));
  out += '-';
  two_digits(out, static_cast<unsigned>(date.day()));
  out += 'T';
  two_digits(out, static_cast<unsigned>(time.hours().count()));
  out += ':';
  two_digits(out, static_cast<unsigned>(time.minutes().count()));
  out += ':';
  two_digits(out, static_cast<unsigned>(time.seconds().count()));
  const auto ms = static_cast<unsigned>(time.subseconds().count());
  out += '.';
  out += static_cast<char>('0' + ms / 100);
  two_digits(out, ms % 100);
  out += 'Z';
}

std::string print_date(Timestamp at) {
  std::string out;
  print_date(at, out);
  return out;
}

bool is_date_type(std::string_view type) {
  return type == "DateTime" || type == "ISO8601";
}

}  // namespace sosie::ngsi
