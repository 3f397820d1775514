#include "connectors/simulator/preface.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sosie {

std::string Preface::before(const std::string& state) const {
  return fmt::format("1 {} {} {} {}\n", seed, fault_rate, weather, weather_set) + state;
}

std::optional<Preface> Preface::take(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto words = split(bytes.substr(0, end), ' ');
  if (words.size() != 5 || words[0] != "1") return std::nullopt;
  const auto seed = to_integer(words[1]);
  const auto rate = to_number(words[2]);
  if (!seed || !rate) return std::nullopt;
  bytes.remove_prefix(end + 1);
  return Preface{.seed = static_cast<std::uint64_t>(*seed),
                 .fault_rate = *rate,
                 .weather = std::string(words[3]),
                 .weather_set = std::string(words[4])};
}

}  // namespace sosie
