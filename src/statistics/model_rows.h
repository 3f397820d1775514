#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "statistics/columns.h"

namespace sosie {

/// A model that is a few numbers a column, as bytes, by series name. `row` gives a column's
/// numbers, or nothing where nothing was learned.
std::string save_rows(std::string_view what, std::uint32_t version, const ColumnNames& names,
                      const std::function<std::vector<double>(std::uint32_t)>& row);

/// Such a model that was loaded. Its series need not be there yet: after `sosie train`, and where
/// sensors send one after the other, they join later, and get what was learned of them then.
class ModelRows {
 public:
  /// Is given a column and its numbers.
  using Take = std::function<void(std::uint32_t, std::span<const double>)>;

  /// Reads what save_rows wrote; nothing of it is kept if anything is wrong.
  /// Errors: those of ModelReader; corrupt where a row has not `width` numbers.
  Result<void> load(std::string_view bytes, std::string_view what, std::uint32_t version,
                    std::size_t width);

  /// Gives `take` the rows of the series that are known by now, each once.
  void give(const ColumnNames& names, const Take& take);

 private:
  std::map<std::string, std::vector<double>, std::less<>> waiting_;
};

}  // namespace sosie
