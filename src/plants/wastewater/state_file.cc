#include "plants/wastewater/state_file.h"

#include <fmt/format.h>

#include "base/text.h"
#include "plants/wastewater/component_names.h"
#include "wire/csv/reader.h"

namespace sosie::bsm1 {
namespace {

constexpr std::size_t tss_field = components + 1;  // after the place and the components

/// What of a row goes where.
class StateReader {
 public:
  explicit StateReader(const Bsm1::Config& config) : config_(config) {}

  Result<void> take(const csv::Row& row) {
    if (!row.problem.empty()) return Error{Errc::invalid, row.problem};
    const auto place = trim(row.fields[0]);
    for (std::size_t i = 0; i < reactor_count; ++i) {
      if (place == fmt::format("reactor{}", i + 1)) return take_reactor(row, i);
    }
    for (std::size_t i = 0; i < layers; ++i) {
      if (place == fmt::format("layer{}", i + 1)) return take_layer(row, i);
    }
    if (place == "kLa5") return take_number(row, 1, "kLa5", kla_5_);
    if (place == "Qa") return take_number(row, 1, "Qa", internal_m3_d_);
    return Error{Errc::invalid, fmt::format("'{}'; expected reactor1 to reactor5, layer1 to "
                                            "layer10, kLa5 or Qa",
                                            place)};
  }

  Result<PlantState> done() {
    for (std::size_t i = 0; i < reactor_count; ++i) {
      if (!has_reactor_[i]) {
        return Error{Errc::invalid, fmt::format("no row 'reactor{}'", i + 1)};
      }
    }
    for (std::size_t i = 0; i < layers; ++i) {
      if (!has_layer_[i]) return Error{Errc::invalid, fmt::format("no row 'layer{}'", i + 1)};
    }
    state_.loops = config_.loops.resting(state_.works.reactors[so][4],
                                         state_.works.reactors[sno][1], kla_5_, internal_m3_d_);
    return state_;
  }

 private:
  static Result<void> take_number(const csv::Row& row, std::size_t field, std::string_view name,
                                  double& to) {
    const auto text = field < row.fields.size() ? trim(row.fields[field]) : std::string_view{};
    const auto number = to_number(text);
    if (!number || *number < 0) {
      return Error{Errc::invalid,
                   fmt::format("{} is '{}'; expected a number, 0 or more", name, text)};
    }
    to = *number;
    return {};
  }

  Result<void> take_reactor(const csv::Row& row, std::size_t which) {
    for (std::size_t c = 0; c < components; ++c) {
      TRY(take_number(row, c + 1, component_names[c], state_.works.reactors[c][which]));
    }
    has_reactor_[which] = true;
    return {};
  }

  Result<void> take_layer(const csv::Row& row, std::size_t which) {
    Layer& layer = state_.works.settler[which];
    for (std::size_t k = 0; k < soluble_parts.size(); ++k) {
      const Component part = soluble_parts[k];
      TRY(take_number(row, part + 1, component_names[part], layer[k]));
    }
    has_layer_[which] = true;
    return take_number(row, tss_field, "TSS", layer[layer_tss]);
  }

  const Bsm1::Config& config_;
  PlantState state_;
  std::array<bool, reactor_count> has_reactor_{};
  std::array<bool, layers> has_layer_{};
  double kla_5_ = 84;
  double internal_m3_d_ = 55338;
};

Result<PlantState> read_all(csv::Reader reader, const std::string& name,
                            const Bsm1::Config& config) {
  StateReader state(config);
  csv::Row row;
  bool more = TRY(reader.next(row));
  if (more && trim(row.fields[0]) == "place") more = TRY(reader.next(row));
  while (more) {
    if (const auto taken = state.take(row); !taken) {
      return Error{Errc::invalid, fmt::format("{}:{}: {}", name, row.line, taken.error().what)};
    }
    more = TRY(reader.next(row));
  }
  auto done = state.done();
  if (!done) return std::move(done).error().in(name);
  return done;
}

}  // namespace

std::string state_text(const Bsm1& plant) {
  const WorksState& works = plant.state().works;
  std::string text = "place";
  for (const auto name : component_names) text += fmt::format(",{}", name);
  text += ",TSS\n";
  for (std::size_t i = 0; i < reactor_count; ++i) {
    const Mixture water = works.reactor(i + 1);
    text += fmt::format("reactor{}", i + 1);
    for (const double value : water) text += fmt::format(",{}", value);
    text += fmt::format(",{}\n", solids_of(water, plant.config().works.asm1.tss_per_cod));
  }
  for (std::size_t i = 0; i < layers; ++i) {
    std::array<std::string, components> fields;
    for (std::size_t k = 0; k < soluble_parts.size(); ++k) {
      fields[soluble_parts[k]] = fmt::to_string(works.settler[i][k]);
    }
    text +=
        fmt::format("layer{},{},{}\n", i + 1, fmt::join(fields, ","), works.settler[i][layer_tss]);
  }
  text += fmt::format("kLa5,{}\nQa,{}\n", plant.kla_5(plant.state()), plant.duty().internal_m3_d);
  return text;
}

Result<PlantState> read_state(const std::string& path, const Bsm1::Config& config) {
  auto reader = TRY(csv::Reader::open(path, {.delimiter = ','}));
  return read_all(std::move(reader), path, config);
}

Result<PlantState> parse_state(std::string text, const std::string& name,
                               const Bsm1::Config& config) {
  return read_all(csv::Reader::of(std::move(text), {.delimiter = ','}), name, config);
}

}  // namespace sosie::bsm1
