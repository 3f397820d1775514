#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "twin/model/entity.h"

namespace sosie::ngsi {

/// Remembers what Keeper was given: readings and earlier states.
///
/// Threads: any. All of it may block, and no lock is held.
class Archive {
 public:
  virtual ~Archive() = default;

  /// States whose keys begin with `prefix` that ended after `instant`: key by key, of each the
  /// newest first. `take` gets key and body, valid for the call. Includes all that was kept before
  /// the call. An Error `not_found` where `instant` lies before what is remembered.
  using Take = std::function<void(std::string_view key, std::string_view body)>;
  virtual Result<void> earlier(std::string_view prefix, Timestamp instant,
                               const Take& take) const = 0;

  /// The numbers of an attribute.
  struct Sample {
    double value = 0;
    Timestamp at{};
  };
  struct Number {
    bool is_recorded = false;        ///< there is a series of them
    std::optional<Sample> sample{};  ///< the last one at `instant` or before
  };
  struct Question {
    std::string_view tenant;
    const Entity& entity;
    std::string_view attribute;
    Timestamp instant;
  };
  virtual Result<Number> number(const Question& question) const = 0;
};

}  // namespace sosie::ngsi
