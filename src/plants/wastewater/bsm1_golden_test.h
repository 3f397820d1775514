#pragma once

#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/text.h"
#include "plants/wastewater/bsm1.h"
#include "wire/csv/reader.h"

namespace sosie::bsm1 {

/// A file of golden/bsm1, row by row, by the names of its columns.
inline std::vector<std::map<std::string, std::string>> golden_rows(const std::string& name) {
  auto reader = csv::Reader::open(SOSIE_ROOT "/src/plants/wastewater/golden/bsm1/" + name,
                                  {.delimiter = ','});
  REQUIRE(reader);
  csv::Row row;
  std::vector<std::string> titles;
  std::vector<std::map<std::string, std::string>> rows;
  for (auto more = reader->next(row); more && *more; more = reader->next(row)) {
    if (titles.empty()) {
      titles.assign(row.fields.begin(), row.fields.end());
      continue;
    }
    REQUIRE(row.fields.size() == titles.size());
    auto& named = rows.emplace_back();
    for (std::size_t i = 0; i < titles.size(); ++i) named[titles[i]] = std::string(row.fields[i]);
  }
  REQUIRE(!rows.empty());
  return rows;
}

inline double number_of(const std::string& text) {
  const auto number = to_number(text);
  REQUIRE_MESSAGE(number, text);
  return *number;
}

inline Bsm1 made(const Bsm1::Config& config) {
  auto plant = Bsm1::create(config);
  REQUIRE_MESSAGE(plant, (plant ? "" : plant.error().what));
  return std::move(plant).value();
}

inline void well(const Result<void>& result) {
  REQUIRE_MESSAGE(result, (result ? "" : result.error().what));
}

/// The independent implementation's steady state.
PlantState golden_steady_state(Control control);

}  // namespace sosie::bsm1
