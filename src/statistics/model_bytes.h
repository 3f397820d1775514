#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sosie {

/// Writes what a detector learned: "SOSIE", what it is, a version, the content, and a checksum of
/// it all. Numbers are little-endian, texts carry their length.
class ModelWriter {
 public:
  ModelWriter(std::string_view what, std::uint32_t version);

  void integer(std::uint64_t value);
  void number(double value);
  void numbers(std::span<const double> values);
  void text(std::string_view value);

  /// The bytes, sealed by the checksum. Nothing may be written after.
  std::string finish() &&;

 private:
  std::string bytes_;
};

/// Reads it back. Every function gives Errc::corrupt where the bytes end too soon.
class ModelReader {
 public:
  /// Errors: corrupt (not a model, cut, a wrong checksum); unsupported (another thing, another
  /// version). The bytes must outlive the reader.
  static Result<ModelReader> open(std::string_view bytes, std::string_view what,
                                  std::uint32_t version);

  Result<std::uint64_t> integer();
  /// An integer that counts things which take at least `least_bytes` each in what is left.
  Result<std::size_t> count(std::size_t least_bytes);
  Result<double> number();
  Result<std::vector<double>> numbers();
  Result<std::string> text();

 private:
  explicit ModelReader(std::string_view rest) : rest_(rest) {}
  Result<std::string_view> take(std::size_t size);

  std::string_view rest_;
};

}  // namespace sosie
