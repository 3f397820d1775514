#include "statistics/model_bytes.h"

#include <bit>
#include <cstring>
#include <type_traits>

namespace sosie {
namespace {

static_assert(std::endian::native == std::endian::little, "model files are little-endian");
constexpr std::string_view magic = "SOSIE";

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

template <class T>
void append(std::string& bytes, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <class T>
T value_in(std::string_view bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

ModelWriter::ModelWriter(std::string_view what, std::uint32_t version) : bytes_(magic) {
  text(what);
  integer(version);
}

void ModelWriter::integer(std::uint64_t value) {
  append(bytes_, value);
}
void ModelWriter::number(double value) {
  append(bytes_, value);
}
void ModelWriter::numbers(std::span<const double> values) {
  integer(values.size());
  for (const double value : values) number(value);
}
void ModelWriter::text(std::string_view value) {
  integer(value.size());
  bytes_ += value;
}
std::string ModelWriter::finish() && {
  append(bytes_, checksum(bytes_));
  return std::move(bytes_);
}

Result<ModelReader> ModelReader::open(std::string_view bytes, std::string_view what,
                                      std::uint32_t version) {
  if (!bytes.starts_with(magic)) {
    return Error{Errc::corrupt,
                 fmt::format("not a model of {}: no '{}' at its start", what, magic)};
  }
  const auto sum_size = sizeof(std::uint64_t);
  if (bytes.size() < magic.size() + sum_size) {
    return Error{Errc::corrupt, fmt::format("a model of {} is cut: {} bytes", what, bytes.size())};
  }
  const auto body = bytes.substr(0, bytes.size() - sum_size);
  if (value_in<std::uint64_t>(bytes.substr(body.size())) != checksum(body)) {
    return Error{Errc::corrupt, fmt::format("a model of {} is damaged: wrong checksum", what)};
  }
  ModelReader reader(body.substr(magic.size()));
  const auto found = TRY(reader.text());
  if (found != what) {
    return Error{Errc::unsupported, fmt::format("a model of '{}', expected '{}'", found, what)};
  }
  const auto found_version = TRY(reader.integer());
  if (found_version != version) {
    return Error{Errc::unsupported, fmt::format("a model of {} of version {}, expected {}", what,
                                                found_version, version)};
  }
  return reader;
}

Result<std::string_view> ModelReader::take(std::size_t size) {
  if (rest_.size() < size) {
    return Error{Errc::corrupt, fmt::format("the model ends too soon: {} bytes left, {} expected",
                                            rest_.size(), size)};
  }
  const auto taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

Result<std::uint64_t> ModelReader::integer() {
  const auto bytes = TRY(take(sizeof(std::uint64_t)));
  return value_in<std::uint64_t>(bytes);
}

Result<std::size_t> ModelReader::count(std::size_t least_bytes) {
  const auto claimed = TRY(integer());
  if (claimed > rest_.size() / least_bytes) {
    return Error{Errc::corrupt,
                 fmt::format("the model claims {} items in {} bytes", claimed, rest_.size())};
  }
  return static_cast<std::size_t>(claimed);
}

Result<double> ModelReader::number() {
  const auto bytes = TRY(take(sizeof(double)));
  return value_in<double>(bytes);
}

Result<std::vector<double>> ModelReader::numbers() {
  const auto size = TRY(count(sizeof(double)));
  std::vector<double> values(size);
  const auto bytes = TRY(take(size * sizeof(double)));
  if (size > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

Result<std::string> ModelReader::text() {
  const auto size = TRY(count(1));
  const auto bytes = TRY(take(size));
  return std::string(bytes);
}

}  // namespace sosie
