#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sosie::opendata {

/// A dataset of a portal that speaks Opendatasoft's Explore API 2.1, or a part of it.
struct Dataset {
  std::string portal;    ///< "https://data.toulouse-metropole.fr", no '/' at its end
  std::string id;        ///< "prelevements-qualite-de-l-air"
  std::string where{};   ///< ODSQL; empty: all records
  std::string select{};  ///< ODSQL; empty: all fields
};

/// A page of records, by the API's limits: at most 100 a page, and none beyond the 10,000th.
struct Window {
  std::size_t limit = 100;
  std::size_t offset = 0;
  std::string order_by{};
};
inline constexpr std::size_t most_a_page = 100;
inline constexpr std::size_t most_by_pages = 10'000;

inline constexpr std::array<std::string_view, 3> export_formats{"geojson", "json", "csv"};

std::string records_url(const Dataset& dataset, const Window& window);
/// All records in one answer; without an order.
std::string export_url(const Dataset& dataset, std::string_view format);

/// Errors (invalid): the portal is no address, or holds a query or a user; an id of other
/// characters than the API's ("a-z", "A-Z", digits, "-_@.").
Result<Dataset> make_dataset(std::string_view portal, std::string_view id);

/// `where`, and more to be true: both in parentheses where there are two.
std::string both(std::string_view where, std::string_view more);

}  // namespace sosie::opendata
