#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/handover.h"
#include "core/reading.h"
#include "core/series.h"

namespace sosie {

/// Something a source brought that cannot be taken. It goes to quarantine with its reason, is
/// counted, and people see it in the pages.
struct Refusal {
  std::string source;  ///< "mqtt", "http", a file's name
  std::string reason;  ///< what was read, what was expected
  std::string sample;  ///< the payload's beginning, at most 500 bytes are kept
  std::string where;   ///< topic, line or address; may be empty
};

/// Proof of having put a batch in: its place in the order in which batches are committed.
struct Ticket {
  std::uint64_t number = 0;
};

/// How many readings of a batch went in and how many were refused, with the first reason.
struct Admission {
  Ticket ticket;
  std::size_t taken = 0;
  std::size_t refused = 0;
  std::string reason;
};

/// What a source read in one go, and how far it is with it.
struct Delivery {
  std::span<const Reading> readings;
  std::vector<Refusal> refusals;
  std::vector<std::pair<std::string, std::string>> remembered;  ///< as Intake::remember has them
  std::vector<Handover> handovers{};                            ///< before the readings
  /// They were judged elsewhere and are to be known, no more: not counted, kept or passed on.
  bool is_past = false;
};

/// The one door into Sosie: every source puts its readings here. The engine implements it.
///
/// Threads: any; each function may be called from many at once.
class Intake {
 public:
  virtual ~Intake() = default;

  /// The handle of a series. One that is not declared is added if the scenario says so
  /// (`[intake] unknown = "declare"`), else it is an Error with the nearest known name in it.
  virtual Result<SeriesId> series(std::string_view entity, std::string_view attribute) = 0;

  /// Like the above for a source that knows more of its series (unit, range, stage).
  virtual SeriesId declare(const SeriesInfo& info) = 0;

  /// Takes readings, checks each (finite, not in the future, in range), and passes them on. NaN
  /// and infinity are refused; a value out of range or from the future goes in as not good.
  /// Waits while the engine is behind: that is the back-pressure, and the reason no source keeps a
  /// queue of its own. After a stop request everything is refused.
  virtual Admission put(std::span<const Reading> readings, std::string_view source) = 0;

  /// As put, with what was refused and what is to be remembered: all of it is committed together or
  /// not at all, so a source that goes on from what it remembers counts nothing twice.
  /// This default is for intakes that keep nothing (tests): one after the other.
  virtual Admission deliver(Delivery delivery, std::string_view source) {
    for (auto& refusal : delivery.refusals) refuse(std::move(refusal));
    const auto admission = put(delivery.readings, source);
    for (auto& [key, bytes] : delivery.remembered) remember(key, std::move(bytes));
    return admission;
  }

  /// As put, but an Error (unavailable) at once where it would have to wait (HTTP's 429).
  virtual Result<Admission> try_put(std::span<const Reading> readings, std::string_view source) = 0;

  /// Waits until everything up to `ticket` is on disk. False if it was not by `patience`, or as
  /// soon as an attempt to write has failed.
  virtual bool wait_durable(Ticket ticket, Duration patience) = 0;

  /// Why nothing can be written to disk just now: no room (`full`), or locked, or broken
  /// (`unavailable`). It is tried again until it works; a source that can say no should. None: all
  /// is well.
  virtual std::optional<Error> trouble() const { return std::nullopt; }

  virtual void refuse(Refusal refusal) = 0;

  /// Keeps `bytes` under `key` (a cursor, a plant's state), committed with the readings put so far;
  /// what was kept for `key` before is replaced.
  virtual void remember(std::string_view key, std::string bytes) = 0;
  /// What was last committed for `key`, also by an earlier life of the program.
  virtual std::optional<std::string> recall(std::string_view key) = 0;

  /// A reading of a later time is refused. Whoever gives back what cannot be taken asks for it.
  virtual Timestamp newest_credible() const { return Timestamp::max(); }

  /// How much of a device's past has to be told where it comes from another process (Handover).
  virtual Duration looks_back() const { return {}; }

  /// Event time is compared with this clock, and sources that keep a pace keep it by this one.
  virtual Clock& clock() = 0;
};

/// What a source that runs says of itself.
struct SourceState {
  std::string trouble;               ///< why nothing comes just now; empty: all is well
  std::optional<std::uint64_t> lag;  ///< messages that wait for it at its broker, where it knows
  std::uint64_t dead_letters = 0;    ///< sent back, with their reason
  std::uint64_t troubles = 0;   ///< times it could not go on, and tried again without leaving `run`
  std::uint64_t contested = 0;  ///< messages that showed that one series has two senders
};

/// A place readings come from: a broker, a file, a simulated plant.
///
/// Life: the constructor only remembers; it opens nothing. The engine then calls `run`, on a
/// thread that belongs to this source. `run` returns when `stop` is requested (success), when the
/// data ends (success) or when it cannot go on (an Error; the engine waits, then calls it anew).
class Source {
 public:
  virtual ~Source() = default;

  /// The series it will declare, as far as its configuration describes them: what it says today
  /// wins over what the store knows from an earlier life. Called before `run`; opens nothing.
  virtual std::vector<SeriesInfo> described() const { return {}; }

  virtual Result<void> run(Intake& intake, std::stop_token stop) = 0;

  /// Any thread, also while `run` is running.
  virtual SourceState state() const { return {}; }
};

}  // namespace sosie
