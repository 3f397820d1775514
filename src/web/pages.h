#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "web/http.h"

namespace sosie::web {

/// A file of the pages, as it lies in the program.
struct Page {
  std::string_view path;  ///< "/app.js"
  std::string_view tag;   ///< of its content
  std::string_view plain;
  std::string_view packed;  ///< gzip
};

/// What the build embedded.
std::span<const Page> embedded_pages();

/// Answers a GET from `pages`: with ETag and 304, packed where the client can take it. A path that
/// is no file and has no dot in its last part is a place inside the application: index.html.
Response serve_page(std::span<const Page> pages, const Request& request);

}  // namespace sosie::web
