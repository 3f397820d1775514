#include "web/pages.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

/// One row of the table that cmake/embed.cmake writes.
struct SosieEmbeddedPage {
  const char* path;
  const char* tag;
  const char* plain;
  std::uint64_t plain_size;
  const char* packed;
  std::uint64_t packed_size;
};
// NOLINTBEGIN(readability-identifier-naming, cppcoreguidelines-avoid-non-const-global-variables)
extern "C" const SosieEmbeddedPage sosie_pages[];
extern "C" const std::uint64_t sosie_page_count;
// NOLINTEND(readability-identifier-naming, cppcoreguidelines-avoid-non-const-global-variables)

namespace sosie::web {
namespace {

struct Type {
  std::string_view ending;
  std::string_view type;
};
constexpr std::array<Type, 10> types{{{".html", "text/html; charset=utf-8"},
                                      {".js", "text/javascript; charset=utf-8"},
                                      {".css", "text/css; charset=utf-8"},
                                      {".svg", "image/svg+xml"},
                                      {".png", "image/png"},
                                      {".ico", "image/x-icon"},
                                      {".json", "application/json"},
                                      {".webmanifest", "application/manifest+json"},
                                      {".woff2", "font/woff2"},
                                      {".txt", "text/plain; charset=utf-8"}}};

std::string_view type_of(std::string_view path) {
  for (const auto& [ending, type] : types) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

const Page* find(std::span<const Page> pages, std::string_view path) {
  const auto found = std::ranges::find(pages, path, &Page::path);
  return found == pages.end() ? nullptr : &*found;
}

bool is_place(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') == std::string_view::npos;
}

}  // namespace

std::span<const Page> embedded_pages() {
  static const std::vector<Page> pages = [] {
    std::vector<Page> all;
    for (const auto& row : std::span(sosie_pages, sosie_page_count)) {
      all.push_back(
          {row.path, row.tag, {row.plain, row.plain_size}, {row.packed, row.packed_size}});
    }
    return all;
  }();
  return pages;
}

Response serve_page(std::span<const Page> pages, const Request& request) {
  const auto* page = find(pages, request.path);
  if (page == nullptr && is_place(request.path)) page = find(pages, "/index.html");
  if (page == nullptr) return problem(404, fmt::format("no page '{}'", request.path));
  const bool packs = request.header("Accept-Encoding").find("gzip") != std::string_view::npos &&
                     page->packed.size() < page->plain.size();
  const auto tag = fmt::format("\"{}{}\"", page->tag, packs ? "-gz" : "");
  Response response{.content_type = std::string(type_of(page->path))};
  // Names do not change with their content, so browsers ask each time; a 304 costs them nothing.
  response.headers = {{"ETag", tag}, {"Cache-Control", "no-cache"}, {"Vary", "Accept-Encoding"}};
  if (request.header("If-None-Match").find(tag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  if (packs) response.headers.push_back({"Content-Encoding", "gzip"});
  response.body = packs ? page->packed : page->plain;
  return response;
}

}  // namespace sosie::web
