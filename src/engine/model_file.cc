#include "engine/model_file.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "store/own_folder.h"

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

Result<std::string> read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Errc::unavailable, fmt::format("{}: cannot be read", path)};
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

/// What was renamed or written is on the disk; of a folder: its entries.
bool sync_path(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool ok = file >= 0 && fsync(file) == 0;
  if (file >= 0) close(file);
  return ok;
}

/// Whole or not at all, also where the machine stops in between. For its owner's eyes alone, where
/// the file system can say so: a model holds what an attacker must not know (`echo`).
Result<void> write_whole(const std::string& path, std::string_view bytes) {
  const auto draft = path + ".new";
  {
    std::ofstream out(draft, std::ios::binary | std::ios::trunc);
    std::error_code open_to_all;
    fs::permissions(draft, fs::perms::owner_read | fs::perms::owner_write, open_to_all);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out || !sync_path(draft)) {
      return Error{Errc::unavailable, fmt::format("{}: cannot be written", draft)};
    }
  }
  std::error_code failed;
  fs::rename(draft, path, failed);
  if (failed) return Error{Errc::unavailable, fmt::format("{}: {}", path, failed.message())};
  if (!sync_path(fs::path(path).parent_path().string())) {
    return Error{Errc::unavailable, fmt::format("{}: cannot be written to disk", path)};
  }
  return {};
}

/// The folder is ours alone while this lives. Where it cannot be locked (a file system that knows
/// no locks), it goes without.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : file_(open((folder + "/models.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ >= 0) flock(file_, LOCK_EX);
  }
  ~FolderLock() {
    if (file_ >= 0) close(file_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

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

std::string ModelFolder::register_path() const {
  return folder_ + "/models.json";
}

std::vector<std::uint32_t> ModelFolder::versions() const {
  std::vector<std::uint32_t> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder_, missing)) {
    const auto name = entry.path().filename().string();
    std::string_view middle = name;
    if (!middle.starts_with(file_start) || !middle.ends_with(file_end)) continue;
    middle.remove_prefix(file_start.size());
    middle.remove_suffix(file_end.size());
    const auto version = to_integer(middle);
    if (version && *version > 0) found.push_back(static_cast<std::uint32_t>(*version));
  }
  std::ranges::sort(found);
  return found;
}

Result<ModelFile> ModelFolder::load(std::uint32_t version) const {
  const auto path = path_of(version);
  if (!fs::exists(path)) return Error{Errc::not_found, fmt::format("{}: is not there", path)};
  const auto bytes = TRY(read_whole(path));
  auto model = ModelFile::decode(bytes);
  if (!model) return std::move(model).error().in(path);
  return model;
}

models::Registry ModelFolder::read_registry() const {
  const auto path = register_path();
  models::Registry registry;
  if (fs::exists(path)) {
    auto read = read_whole(path);
    auto parsed = read ? models::Registry::from_json(*read) : std::move(read).error();
    if (parsed) {
      registry = std::move(parsed).value();
    } else {
      log::error("models", "{}: {}; it is put aside, and the newest model judges", path,
                 parsed.error().what);
      std::error_code ignored;
      fs::rename(path, path + ".damaged", ignored);
    }
  }
  std::vector<models::Version> found;
  for (const auto number : versions()) {
    if (registry.find(number) != nullptr) continue;
    models::Version version;
    version.number = number;
    if (const auto model = load(number)) {
      version.trained_at = model->trained_at;
      version.from = model->from;
      version.to = model->to;
      version.rows = model->frames;
    }
    found.push_back(version);
  }
  registry.adopt(found);
  return registry;
}

models::Registry ModelFolder::registry() const {
  if (!fs::exists(folder_)) return {};
  const FolderLock lock(folder_);
  return read_registry();
}

Result<void> ModelFolder::write_registry(const models::Registry& registry) const {
  return write_whole(register_path(), registry.to_json());
}

Result<void> ModelFolder::change(const Act& act) const {
  TRY(make_own_folder(folder_));
  const FolderLock lock(folder_);
  auto registry = read_registry();
  TRY(act(registry));
  return write_registry(registry);
}

Result<void> ModelFolder::add(ModelFile& model, models::Version about,
                              const std::string& who) const {
  TRY(make_own_folder(folder_));
  const FolderLock lock(folder_);
  auto registry = read_registry();
  // A number is never given twice, also where its file was taken away.
  std::uint32_t newest = 0;
  for (const auto& version : registry.versions()) newest = std::max(newest, version.number);
  model.version = newest + 1;
  TRY(write_whole(path_of(model.version), model.encode()));
  about.number = model.version;
  about.trained_at = model.trained_at;
  about.from = model.from;
  about.to = model.to;
  about.rows = model.frames;
  registry.add(std::move(about), who);
  return write_registry(registry);
}

std::string ModelFolder::stamp() const {
  struct stat is{};
  if (stat(register_path().c_str(), &is) != 0) return {};
  return fmt::format("{}.{}/{}/{}", is.st_mtim.tv_sec, is.st_mtim.tv_nsec, is.st_ino, is.st_size);
}

}  // namespace sosie
