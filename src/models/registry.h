#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "models/merit.h"

namespace sosie::models {

/// What is done with a version now.
enum class State : std::uint8_t {
  active,   ///< it judges; at most one
  shadow,   ///< it looks at the same frames and raises nothing; at most one
  retired,  ///< it is kept, and can be gone back to
};
/// Why it was learned.
enum class Trigger : std::uint8_t {
  first,     ///< the learning period of a new plant
  command,   ///< `sosie train`
  people,    ///< somebody asked the running program
  schedule,  ///< [detection] retrain
  drift,     ///< levels have moved for long, with no alarm open
  unknown,   ///< a file that no register knew
};
std::string_view to_text(State state);
std::string_view to_text(Trigger trigger);

struct Version {
  std::uint32_t number = 0;
  State state = State::retired;
  Timestamp trained_at;
  Timestamp from;  ///< of the data
  Timestamp to;
  std::uint64_t rows = 0;      ///< frames learned from
  std::uint64_t sensors = 0;   ///< that the data have
  std::uint64_t left_out = 0;  ///< spans of sensors not learned from: alarms, what people confirmed
  Trigger trigger = Trigger::unknown;
  std::string why;               ///< what people said, or the sensors that moved
  std::optional<Trial> trial{};  ///< of a shadow that was judged, or is
  bool operator==(const Version&) const = default;
};

/// One step of a version's life, for those who audit.
struct Step {
  enum class What : std::uint8_t { trained, promoted, retired, rolled_back, failed };
  Timestamp at;
  What what = What::trained;
  std::uint32_t number = 0;  ///< 0: none came of it
  std::string who{};         ///< a person; empty: Sosie itself
  std::string text{};        ///< why: the rule's reasons, a person's comment, an error
  std::string text_fr{};     ///< the same in French, where it is not a person's; else empty
  bool operator==(const Step&) const = default;
};
std::string_view to_text(Step::What what);

/// The versions of one scenario's model and what became of them: which one judges is what this
/// says. Pure: whoever keeps it writes it whole.
///
/// Threads: one at a time.
class Registry {
 public:
  static constexpr std::size_t most_steps = 1000;

  /// In order of their numbers.
  const std::vector<Version>& versions() const { return versions_; }
  /// In order of time.
  const std::vector<Step>& steps() const { return steps_; }
  const Version* find(std::uint32_t number) const;
  const Version* active() const { return in(State::active); }
  const Version* shadow() const { return in(State::shadow); }

  /// A version that was trained; where it is active or a shadow, the one that was is retired.
  void add(Version version, std::string who);

  /// Makes it the one that judges. Back: to one older than the active one by people, which is told
  /// as such. Errors: not_found, invalid (it is active already).
  Result<void> activate(std::uint32_t number, Timestamp at, std::string who, const Words& why);
  /// Errors: not_found; invalid (the active one can only be replaced).
  Result<void> retire(std::uint32_t number, Timestamp at, std::string who, const Words& why);
  void note(Step step);

  /// What its trial gave so far, or in the end.
  void set_trial(std::uint32_t number, const Trial& trial);

  /// Files that are there and it does not know, as of a folder of before there was a register.
  void adopt(const std::vector<Version>& found);

  std::string to_json() const;
  /// Errors: corrupt, with what was read.
  static Result<Registry> from_json(std::string_view text);

 private:
  const Version* in(State state) const;
  Version* entry(std::uint32_t number);

  std::vector<Version> versions_;
  std::vector<Step> steps_;
};

}  // namespace sosie::models
