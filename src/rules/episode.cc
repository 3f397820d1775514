#include "rules/episode.h"

#include <fmt/format.h>

#include "core/number_text.h"

namespace sosie::rules {
namespace {

Words measured(double value, const std::string& unit) {
  const auto number = digits(value);
  if (unit.empty()) return {number, french(number)};
  return {number + (unit == "%" ? "%" : " " + unit), french(number) + " " + unit};
}

std::string span(Duration d) {
  const auto seconds = std::chrono::duration<double>(d).count();
  if (seconds < 120) return fmt::format("{:.3g} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

/// ", for 30 s"
Words lasting(const Rule& rule, const Episode& episode) {
  if (rule.on_delay == Duration{}) return {};
  const auto text = span(episode.detected - episode.onset);
  return {" for " + text, " depuis " + french(text)};
}

Words limit_words(const Rule& rule, const Episode& episode, const SeriesInfo& info) {
  const bool is_high = episode.value > rule.high;
  const auto unit =
      rule.aggregate == Aggregate::count_above && rule.is_of_group() ? std::string() : info.unit;
  const auto value = measured(episode.value, unit);
  const auto limit = measured(is_high ? rule.high : rule.low, unit);
  const auto since = lasting(rule, episode);
  return {fmt::format("{}, {} {}{}", value.en, is_high ? "above" : "below", limit.en, since.en),
          fmt::format("{}, {} de {}{}", value.fr, is_high ? "au-dessus" : "au-dessous", limit.fr,
                      since.fr)};
}

Words group_words(const Rule& rule) {
  switch (rule.aggregate) {
    case Aggregate::mean:
      return {"mean", "moyenne"};
    case Aggregate::max:
      return {"maximum", "maximum"};
    case Aggregate::min:
      return {"minimum", "minimum"};
    case Aggregate::count_above:
      break;
  }
  const auto above = digits(rule.above);
  return {"devices above " + above, "appareils au-dessus de " + french(above)};
}

Words silence_words(const Rule& rule) {
  const auto after = span(rule.after);
  return {fmt::format("has not sent for more than {}", after),
          fmt::format("n'a rien envoyé depuis plus de {}", french(after))};
}

Words fence_words(const Rule& rule, const Episode& episode) {
  const auto since = lasting(rule, episode);
  if (rule.is_wrong_inside) {
    return {"in a forbidden area" + since.en, "dans une zone interdite" + since.fr};
  }
  return {"outside its area" + since.en, "hors de sa zone" + since.fr};
}

}  // namespace

std::uint64_t episode_id(std::string_view subject, std::string_view rule, Timestamp onset) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  const auto add = [&](unsigned char byte) { hash = (hash ^ byte) * 0x100000001B3U; };
  for (const std::string_view text : {subject, rule}) {
    for (const char c : text) add(static_cast<unsigned char>(c));
    add(0);
  }
  const auto us = static_cast<std::uint64_t>(onset.time_since_epoch().count());
  for (unsigned i = 0; i < 8; ++i) add(static_cast<unsigned char>(us >> (8 * i)));
  hash = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9U;
  hash = (hash ^ (hash >> 27U)) * 0x94D049BB133111EBU;
  hash ^= hash >> 31U;
  return hash == 0 ? 1 : hash;
}

Words sentence(const Rule& rule, const Episode& episode, const SeriesInfo& info) {
  Words said;
  switch (rule.kind) {
    case RuleKind::limit:
      said = limit_words(rule, episode, info);
      break;
    case RuleKind::silence:
      said = silence_words(rule);
      break;
    case RuleKind::geofence:
      said = fence_words(rule, episode);
      break;
  }
  Words who{episode.subject, episode.subject};
  if (rule.is_of_group()) {
    const auto what = group_words(rule);
    who = {fmt::format("{} ({})", episode.subject, what.en),
           fmt::format("{} ({})", episode.subject, what.fr)};
  }
  return {fmt::format("{}: {}", who.en, said.en), fmt::format("{} : {}", who.fr, said.fr)};
}

}  // namespace sosie::rules
