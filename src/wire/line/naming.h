#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/line/line.h"

namespace sosie::line {

/// Whose a line's fields are: `cpu,cpu=cpu0,host=lab usage_idle=97` is `cpu.cpu0.lab`'s, and
/// `anything,entity=IN ph=7` is `IN`'s.
///
/// As it stands no two of a sender's series are taken for one: of a line that has no entity tag the
/// values of all its tags, in the order of the tags' names, stand behind the measurement.
///
/// Threads: any, where nobody changes it.
struct Naming {
  std::vector<std::string> entity_tags{"entity", "sensor_id", "id"};  ///< the first that is there
  /// Tags whose values are added to the entity's name. None: every one, where no entity tag is.
  std::optional<std::vector<std::string>> name_tags;
  bool value_is_measurement = true;  ///< of a line with an entity tag, what the field "value" is

  /// Appends the entity's name.
  void append_entity(std::string& to, const Point& point) const;
  /// Empty: the only one that the entity has.
  std::string_view attribute_of(const Point& point, const Field& field) const;
  /// Empty: the line has none.
  std::string_view tag_of_entity(const Point& point) const;
};

}  // namespace sosie::line
