#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sosie::json {

/// A JSON document of any size, read and checked as a whole, for files and downloads: one that is
/// cut is an Error. (For messages of one shape there is FieldReader, for small ones Value.)
class Document {
 public:
  /// Errors (invalid): not JSON, cut, not UTF-8, deeper than 1024 levels, 4 GiB or more.
  static Result<Document> parse(std::string_view text);
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  /// Each element of the list that is the member `name` ("": the document itself), as a text of its
  /// own. None: there is no such list.
  std::optional<std::vector<std::string>> elements(std::string_view name) const;
  /// How many elements it has.
  std::optional<std::size_t> count(std::string_view name) const;
  /// A member of the document that is a number, or a text.
  std::optional<double> number(std::string_view name) const;
  std::optional<std::string> text(std::string_view name) const;

 private:
  struct Parsed;
  Document();
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace sosie::json
