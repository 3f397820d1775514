#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "wire/http/client.h"
#include "wire/opendata/cache.h"

namespace sosie::opendata {

/// How a portal is asked.
struct Access {
  std::string key{};  ///< of its API, a secret; empty: as anyone
  http::Trust trust{};
  std::chrono::milliseconds timeout{30'000};  ///< of one exchange
  std::uint64_t max_bytes = std::uint64_t{256} << 20U;
  std::string cache{};  ///< a folder; empty: none
};

/// What a portal answered, or what it answered once.
struct Download {
  enum class From : std::uint8_t {
    portal,
    unchanged,  ///< the portal says that the copy is right
    cache,      ///< the copy is young enough, and nobody was asked
    stale,      ///< the copy, since the portal is away: `trouble` says why
  };
  std::string body;
  From from = From::portal;
  Timestamp at;  ///< since when it was not known to be wrong
  std::string trouble{};
};

/// Whether a body is whole and what was asked for; an Error says what is wrong with it.
using Check = std::function<Result<void>(std::string_view body)>;

/// Downloads from a portal, with a cache.
///
/// Threads: one at a time. The machine's time counts, for portals are of this world.
class Portal {
 public:
  enum class Copy : std::uint8_t { asked_first, also_stale, none };

  explicit Portal(Access access) : access_(std::move(access)), cache_(access_.cache) {}

  /// One exchange at most. A copy younger than `max_age` is taken without one; else the portal is
  /// asked whether the copy is still right (ETag, Last-Modified). `copy`: whether one that is older
  /// may stand in for a portal that is away; none: it is no use, and nothing is kept.
  ///
  /// Errors: `unavailable` and `timeout` (later it may be there; see `wait`), `corrupt` (cut, or
  /// not what `check` expects; later it may be right), `not_found`, `invalid` (what the portal says
  /// of our question).
  Result<Download> get(const std::string& url, const Check& check, Duration max_age, Copy copy);

  /// How long the portal wants to be left alone, since the last `get`; at most an hour.
  std::optional<Duration> wait() const { return wait_; }
  /// How many questions are left, as it last said.
  std::optional<std::int64_t> remaining() const { return remaining_; }

 private:
  http::Request request_for(const std::string& url, const std::optional<Kept>& kept) const;
  Result<Download> judge(const std::string& url, http::Response response, const Check& check,
                         std::optional<Kept>& kept, Copy copy);
  Error trouble(const http::Response& response);
  void note_limits(const http::Response& response);

  Access access_;
  Cache cache_;
  http::Client client_;
  SystemClock clock_;
  std::optional<Duration> wait_;
  std::optional<std::int64_t> remaining_;
};

/// Pauses between attempts: doubled each time, or what the portal asks for.
class Pauses {
 public:
  Pauses(Duration first, Duration longest) : first_(first), longest_(longest), next_(first) {}
  void reset() { next_ = first_; }
  Duration next(std::optional<Duration> asked);

 private:
  Duration first_;
  Duration longest_;
  Duration next_;
};

/// Whether a later attempt may succeed where this one did not.
bool may_pass(const Error& error);

/// Checks for the formats that are exported. GeoJSON: a FeatureCollection; JSON: a list; CSV: a
/// line at least, and no word of an interrupted stream, which a portal writes into the file.
Check check_of(std::string_view format);

}  // namespace sosie::opendata
