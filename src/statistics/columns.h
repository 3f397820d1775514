#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/frame.h"

namespace sosie {

/// The columns of an asset by name, for models that must outlive a change of their order.
class ColumnNames {
 public:
  void begin(const AssetColumns& columns) {
    for (auto i = names_.size(); i < columns.size(); ++i) {
      names_.push_back(columns.info[i]->name());
      index_.emplace(names_.back(), static_cast<std::uint32_t>(i));
    }
  }

  std::size_t size() const { return names_.size(); }
  const std::string& operator[](std::size_t column) const { return names_[column]; }

  std::optional<std::uint32_t> find(std::string_view name) const {
    const auto found = index_.find(name);
    if (found == index_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::uint32_t, std::less<>> index_;
};

/// Of class S, a state: a valve, a pump. It rests for days, jumps at will, and no rule of measured
/// quantities holds for it.
inline bool is_state(const SeriesInfo& info) {
  return info.sensor_class == "S";
}

}  // namespace sosie
