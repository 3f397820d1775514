#pragma once

#include <string_view>

#include "core/source.h"
#include "messages/mapping.h"

namespace sosie::messages {

/// An intake, as a mapping asks it. The intake must outlive it.
class IntakeNames final : public Names {
 public:
  explicit IntakeNames(Intake& intake) : intake_(intake) {}
  Result<SeriesId> series(std::string_view entity, std::string_view attribute) override {
    return intake_.series(entity, attribute);
  }
  void say_unit(std::string_view entity, std::string_view attribute,
                std::string_view unit) override {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute;
    info.unit = unit;
    intake_.declare(info);
  }
  Timestamp now() const override { return intake_.clock().now(); }

 private:
  Intake& intake_;
};

}  // namespace sosie::messages
