#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/operator.h"
#include "core/section.h"
#include "core/series.h"
#include "operators/window/shape.h"

namespace sosie::window {

/// An `[[operator]] kind = "window"` of a scenario.
struct Spec {
  enum class GroupBy : std::uint8_t { none, all, asset, stage, prefix, list, zone };

  std::string name;                 ///< in attributes: "5m"
  std::vector<std::string> series;  ///< patterns
  Shape shape;
  bool is_exact = false;  ///< readings are kept, rather than panes
  std::string attribute;  ///< of what it gives: "{attribute}_{window}_{aggregate}"

  GroupBy group_by = GroupBy::none;
  struct Group {
    std::string name;
    std::vector<std::string> devices;  ///< wildcards
  };
  std::vector<Group> groups;
  std::string separator = "-";

  std::string zones;  ///< their name
  std::string latitude = "latitude";
  std::string longitude = "longitude";
  struct Fixed {
    double longitude = 0;
    double latitude = 0;
  };
  std::map<std::string, Fixed, std::less<>> positions;  ///< of entities that do not say it

  /// Errors: as Section's; a length that is no multiple of `every`; aggregates that do not go with
  /// the grouping or the method.
  static Result<Spec> read(Section& section);

  /// The entity that speaks for the group of a series; empty: it belongs to none.
  std::string group_of(const SeriesInfo& info) const;
  /// Names of what it makes, as Operator has them.
  std::vector<Operator::Made> makes() const;
  /// The attribute of what is made of series with `of`.
  std::string attribute_of(std::string_view of, const Aggregate& aggregate) const;
  /// Whether that could be `attribute` for some series.
  bool may_make(std::string_view made) const;

 private:
  std::vector<std::string> groups_of(const std::string& entity) const;
};

}  // namespace sosie::window
