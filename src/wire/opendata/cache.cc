#include "wire/opendata/cache.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"

namespace sosie::opendata {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t head_lines = 5;

/// FNV-1a, which is the same on every machine.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// The last line says how long the body is: the two files may be of two writers.
std::string head_of(const Kept& kept) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n", kept.url, kept.etag, kept.last_modified,
                     to_iso8601(kept.at), kept.body.size());
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view bytes) {
  const auto draft = path + ".part";
  std::error_code failed;
  {
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) {
      fs::remove(draft, failed);
      return Error{Errc::unavailable, fmt::format("{}: cannot be written", path)};
    }
  }
  fs::rename(draft, path, failed);
  if (failed) return Error{Errc::unavailable, fmt::format("{}: {}", path, failed.message())};
  return {};
}

std::string Cache::path_of(const std::string& url, const char* ending) const {
  return fmt::format("{}/{:016x}.{}", folder_, hash_of(url), ending);
}

std::optional<Kept> Cache::find(const std::string& url) const {
  if (folder_.empty()) return std::nullopt;
  const auto head = read_file(path_of(url, "head"));
  if (!head) return std::nullopt;
  const auto lines = split(*head, '\n');
  if (lines.size() < head_lines || lines[0] != url) return std::nullopt;
  const auto at = from_iso8601(lines[3]);
  const auto size = to_integer(lines[4]);
  auto body = read_file(path_of(url, "body"));
  if (!at || !size || !body || body->size() != static_cast<std::size_t>(*size)) return std::nullopt;
  return Kept{url, std::string(lines[1]), std::string(lines[2]), *at, std::move(*body)};
}

Result<void> Cache::keep(const Kept& kept) const {
  if (folder_.empty()) return {};
  std::error_code failed;
  fs::create_directories(folder_, failed);
  TRY(replace_file(path_of(kept.url, "body"), kept.body));
  return touch(kept);
}

Result<void> Cache::touch(const Kept& kept) const {
  if (folder_.empty()) return {};
  return replace_file(path_of(kept.url, "head"), head_of(kept));
}

}  // namespace sosie::opendata
