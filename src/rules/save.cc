#include <cstdint>

#include <fmt/format.h>

#include "rules/book.h"
#include "rules/bytes.h"

namespace sosie::rules {
namespace {

constexpr std::uint32_t save_format = 1;

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

bool get_text(std::string_view& in, std::string_view& text) {
  std::uint32_t size = 0;
  if (!get(in, size) || in.size() < size) return false;
  text = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

Error damaged(std::string_view device) {
  return Error{Errc::corrupt,
               fmt::format("{}: these are not the bytes of a device's rules", device)};
}

}  // namespace

/// Of the rules as far as a state depends on them.
std::uint64_t RuleBook::fingerprint() const {
  std::string text;
  put(text, lateness_);
  for (const Rule& rule : set_.rules) {
    put_text(text, rule.name);
    put(text, rule.kind);
    put(text, Bounds::of(rule));
    put(text, rule.after.count());
  }
  return episode_id(text, "rules", {});
}

std::string RuleBook::save(std::string_view name) const {
  std::string out;
  put(out, save_format);
  put(out, fingerprint());
  const auto device = devices_.find(name);
  if (device == Devices::none) return out;
  for (auto series = devices_.youngest(device).index; series != none;
       series = routes_[series].previous) {
    const Route& route = routes_[series];
    if (route.tracks == 0) continue;
    put_text(out, (*series_)[SeriesId{series}].attribute);
    for (std::uint32_t i = 0; i < route.tracks; ++i) tracks_[route.first_track + i].save(out);
  }
  put_text(out, {});  // no more series
  const Device checks = checks_[device];
  for (std::uint32_t i = 0; i < checks.silences; ++i) silences_.save(checks.first_silence + i, out);
  for (std::uint32_t i = 0; i < checks.fences; ++i) fences_[checks.first_fence + i].track.save(out);
  return out;
}

Result<void> RuleBook::load_series(std::string_view name, std::string_view& bytes) {
  std::string_view attribute;
  while (get_text(bytes, attribute)) {
    if (attribute.empty()) break;
    const auto series = series_->find(name, attribute);
    if (!series || series->index >= routes_.size()) {
      return Error{Errc::not_found, fmt::format("{}.{}: no such series is known", name, attribute)};
    }
    const Route& route = routes_[series->index];
    for (std::uint32_t i = 0; i < route.tracks; ++i) {
      if (!tracks_[route.first_track + i].load(bytes)) return damaged(name);
    }
  }
  return {};
}

Result<void> RuleBook::load(std::string_view name, std::string_view bytes) {
  std::uint32_t format = 0;
  std::uint64_t rules = 0;
  if (!get(bytes, format) || !get(bytes, rules)) return damaged(name);
  if (format != save_format || rules != fingerprint()) {
    return Error{Errc::unsupported, fmt::format("{}: was judged by other rules", name)};
  }
  if (bytes.empty()) return {};  // nothing was known of it
  const auto device = devices_.find(name);
  if (device == Devices::none) {
    return Error{Errc::not_found, fmt::format("{}: no such device is known", name)};
  }
  TRY(load_series(name, bytes));
  const Device checks = checks_[device];
  for (std::uint32_t i = 0; i < checks.silences; ++i) {
    if (!silences_.load(checks.first_silence + i, bytes)) return damaged(name);
  }
  for (std::uint32_t i = 0; i < checks.fences; ++i) {
    if (!fences_[checks.first_fence + i].track.load(bytes)) return damaged(name);
  }
  return bytes.empty() ? Result<void>() : damaged(name);
}

}  // namespace sosie::rules
