#include "engine/model_file.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"

namespace sosie {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "SOSIEMDL";
constexpr std::string_view file_start = "model-";
constexpr std::string_view file_end = ".sosie";

/// FNV-1a, 64 bits (Fowler, Noll, Vo): finds damage, no defence against malice.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

template <class Number>
void put(std::string& out, Number value) {
  char bytes[sizeof value];  // NOLINT(modernize-avoid-c-arrays): memcpy's target
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

void put_text(std::string& out, std::string_view text) {
  put<std::uint64_t>(out, text.size());
  out += text;
}

/// Reads from the front; once something is missing, everything is, and `ok` says so.
class Cutter {
 public:
  explicit Cutter(std::string_view bytes) : rest_(bytes) {}

  template <class Number>
  Number number() {
    Number value{};
    const auto bytes = take(sizeof value);
    if (ok_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number<std::uint64_t>())); }
  std::string_view take(std::uint64_t count) {
    ok_ = ok_ && count <= rest_.size();
    if (!ok_) return {};
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  bool ok() const { return ok_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

Timestamp at_us(std::int64_t us) {
  return Timestamp(Duration(us));
}

}  // namespace

std::string ModelFile::encode() const {
  std::string body;
  put(body, version);
  put(body, trained_at.time_since_epoch().count());
  put(body, from.time_since_epoch().count());
  put(body, to.time_since_epoch().count());
  put(body, frames);
  put(body, seed);
  put<std::uint64_t>(body, parts.size());
  for (const auto& [name, bytes] : parts) {
    put_text(body, name);
    put_text(body, bytes);
  }
  std::string out(magic);
  put(out, format);
  put<std::uint64_t>(out, body.size());
  put(out, checksum(body));
  return out + body;
}

Result<ModelFile> ModelFile::decode(std::string_view bytes) {
  Cutter head(bytes);
  if (head.take(magic.size()) != magic) {
    return Error{Errc::corrupt, "not a model file: expected it to begin with SOSIEMDL"};
  }
  const auto read_format = head.number<std::uint32_t>();
  const auto length = head.number<std::uint64_t>();
  const auto sum = head.number<std::uint64_t>();
  if (!head.ok()) return Error{Errc::corrupt, "the model file is cut off in its head"};
  if (read_format != format) {
    return Error{Errc::unsupported,
                 fmt::format("model file format {}; this program reads format {}: train anew",
                             read_format, format)};
  }
  if (head.rest().size() != length) {
    return Error{Errc::corrupt, fmt::format("the model file holds {} bytes; expected {}",
                                            head.rest().size(), length)};
  }
  if (checksum(head.rest()) != sum) {
    return Error{Errc::corrupt, "the model file is damaged: its checksum does not fit"};
  }
  Cutter body(head.rest());
  ModelFile model;
  model.version = body.number<std::uint32_t>();
  model.trained_at = at_us(body.number<std::int64_t>());
  model.from = at_us(body.number<std::int64_t>());
  model.to = at_us(body.number<std::int64_t>());
  model.frames = body.number<std::uint64_t>();
  model.seed = body.number<std::uint64_t>();
  const auto count = body.number<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && body.ok(); ++i) {
    auto name = body.text();
    model.parts.insert_or_assign(std::move(name), body.text());
  }
  if (!body.ok()) return Error{Errc::corrupt, "the model file's parts do not fit its length"};
  return model;
}

std::string ModelFolder::path_of(std::uint32_t version) const {
  return fmt::format("{}/{}{}{}", folder_, file_start, version, file_end);
}

std::uint32_t ModelFolder::newest_version() const {
  std::uint32_t newest = 0;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder_, missing)) {
    const auto name = entry.path().filename().string();
    std::string_view middle = name;
    if (!middle.starts_with(file_start) || !middle.ends_with(file_end)) continue;
    middle.remove_prefix(file_start.size());
    middle.remove_suffix(file_end.size());
    const auto version = to_integer(middle);
    if (version && *version > 0) newest = std::max(newest, static_cast<std::uint32_t>(*version));
  }
  return newest;
}

Result<std::optional<ModelFile>> ModelFolder::newest() const {
  const auto version = newest_version();
  if (version == 0) return std::optional<ModelFile>();
  const auto path = path_of(version);
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Errc::unavailable, fmt::format("{}: cannot be read", path)};
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  auto model = ModelFile::decode(bytes);
  if (!model) return std::move(model).error().in(path);
  return std::optional(std::move(model).value());
}

Result<void> ModelFolder::add(ModelFile& model) const {
  std::error_code failed;
  fs::create_directories(folder_, failed);
  model.version = newest_version() + 1;
  const auto path = path_of(model.version);
  const auto draft = path + ".new";
  {
    std::ofstream out(draft, std::ios::binary | std::ios::trunc);
    out << model.encode();
    out.flush();
    if (!out) return Error{Errc::unavailable, fmt::format("{}: cannot be written", draft)};
  }
  fs::rename(draft, path, failed);
  if (failed) return Error{Errc::unavailable, fmt::format("{}: {}", path, failed.message())};
  return {};
}

}  // namespace sosie
