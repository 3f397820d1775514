#include "wire/opendata/dataset.h"

#include <algorithm>

#include <fmt/format.h>

#include "wire/http/client.h"

namespace sosie::opendata {
namespace {

std::string base_of(const Dataset& dataset) {
  return fmt::format("{}/api/explore/v2.1/catalog/datasets/{}", dataset.portal,
                     http::percent_encoded(dataset.id));
}

void add_parameter(std::string& url, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  url += url.find('?') == std::string::npos ? '?' : '&';
  url.append(name).append("=").append(http::percent_encoded(value));
}

bool is_id_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_@.").find(c) != std::string_view::npos;
}

}  // namespace

std::string records_url(const Dataset& dataset, const Window& window) {
  auto url =
      fmt::format("{}/records?limit={}&offset={}", base_of(dataset), window.limit, window.offset);
  add_parameter(url, "select", dataset.select);
  add_parameter(url, "where", dataset.where);
  add_parameter(url, "order_by", window.order_by);
  return url;
}

std::string export_url(const Dataset& dataset, std::string_view format) {
  auto url = fmt::format("{}/exports/{}", base_of(dataset), format);
  add_parameter(url, "select", dataset.select);
  add_parameter(url, "where", dataset.where);
  return url;
}

Result<Dataset> make_dataset(std::string_view portal, std::string_view id) {
  while (portal.ends_with('/')) portal.remove_suffix(1);
  const auto url = TRY(http::parse_url(portal));
  if (!url.user.empty() || url.target.find('?') != std::string::npos) {
    return Error{Errc::invalid,
                 "the portal's address has a user or a query; expected "
                 "https://data.example.org"};
  }
  if (id.empty() || !std::ranges::all_of(id, is_id_letter)) {
    return Error{Errc::invalid, fmt::format("'{}' is no dataset's id; expected the one in its "
                                            "address at the portal, as 'stations-velo'",
                                            id)};
  }
  return Dataset{std::string(portal), std::string(id)};
}

std::string both(std::string_view where, std::string_view more) {
  if (where.empty()) return std::string(more);
  if (more.empty()) return std::string(where);
  return fmt::format("({}) and ({})", where, more);
}

}  // namespace sosie::opendata
