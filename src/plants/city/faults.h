#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "plants/city/objects.h"
#include "simulation/plant.h"

namespace sosie::city {

/// The faults of sensors, of things in the city and of districts: those that people order and those
/// that chance brings, their labels, and what they do. One at a time for each object, and one of
/// each sort for each district.
///
/// Chance is a Poisson process for the whole city, whose rate keeps the share of object-time under
/// a fault at what was asked for. What a step costs grows with the faults at work, not with the
/// objects.
///
/// Threads: one at a time.
class Faults {
 public:
  enum class Act : std::uint8_t {
    // Of a sensor:
    stuck,
    drift,
    spike,
    silence,
    clock_skew,
    battery,
    // Of what it watches:
    jam,
    road_closed,
    bin_fire,
    overflow,
    // Of a district:
    concert,
    pollution,
  };
  static constexpr Duration longest = std::chrono::hours(24 * 7);

  Faults(std::string asset, const Map& map, const Register& names);

  /// `objects` have been started: of them, the rate's share is under a fault from the beginning.
  void start(Timestamp at, const Random& random, Objects& objects);

  /// Before the objects' step: begins and ends what is due at `now`, and says so to `labels`.
  void step(Timestamp now, Duration period, Objects& objects, LabelSink& labels);

  /// What holds in each district because of them.
  const std::vector<Trouble>& trouble() const { return trouble_; }

  /// After the objects' step: what they show instead.
  void falsify(std::span<PlantValue> values);

  std::span<const FaultType> types() const { return types_; }
  Result<std::uint64_t> inject(const FaultOrder& order, Timestamp at);
  Result<void> cancel(std::uint64_t id);
  std::vector<Label> running(const Objects& objects) const;
  void set_rate(double rate);
  double rate() const { return rate_; }

  void save(std::string& to) const;
  bool load(std::string_view& from, const Objects& objects);

 private:
  /// One fault at work. Plain values: its bytes are its state.
  struct Active {
    std::uint64_t id = 0;
    std::uint64_t place = 0;  ///< an object, or a district
    Act act = Act::stuck;
    std::uint8_t sensor = 0;  ///< of the object's own, that it befalls
    bool announced = false;
    bool is_holding = false;  ///< `held` has been taken
    double size = 0;
    double held = 0;  ///< what a stuck sensor shows; what was left of a battery
    double way = 1;   ///< 1 or -1
    Timestamp starts;
    Timestamp ends;
  };

  bool may_befall(Act act, ObjectKind kind) const;
  Active drawn();
  void begin(Active fault, Timestamp at);
  bool is_taken(const Active& fault) const;
  void take(const Active& fault, bool taken);
  void strain(const Active& fault, Objects& objects) const;
  void trouble_districts(const Objects& objects);
  void falsify(Active& fault, std::span<PlantValue> shown) const;
  double done(const Active& fault) const;
  void place(Active& fault);
  Result<void> aim(Active& fault, std::string_view target) const;
  void name_series(const Active& fault, const Objects& objects, Label& label) const;
  Label label_of(const Active& fault, const Objects& objects) const;

  // Set once in the constructor.
  const std::string asset_;
  const Map& map_;
  const Register& names_;
  std::vector<FaultType> types_;

  // The state.
  Random random_{0};
  double rate_ = 0.02;
  Timestamp now_;
  std::uint64_t next_id_ = 1;
  double to_next_ = 1;  ///< what is left of the wait for chance, in units of its mean
  std::vector<Active> active_;
  std::vector<bool> is_faulty_;            ///< by object
  std::vector<std::uint8_t> is_troubled_;  ///< by district: a bit an act
  std::vector<Trouble> trouble_;
};

}  // namespace sosie::city
