#include "wire/opendata/portal.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time_text.h"
#include "wire/json/document.h"
#include "wire/json/value.h"

namespace sosie::opendata {
namespace {

constexpr Duration longest_wait = std::chrono::hours(1);
constexpr std::size_t most_said = 300;
constexpr std::string_view interrupted = "Streaming interrupted";

/// What the API says is wrong: `message` of a question, `error` of a quota.
std::string words_of(const http::Response& response) {
  std::string words = response.body.substr(0, most_said);
  const auto body = json::parse(response.body);
  for (const auto* key : {"message", "error"}) {
    const auto* found = body ? (*body).find(key) : nullptr;
    if (found != nullptr && found->text() != nullptr) words = found->text()->substr(0, most_said);
  }
  std::ranges::replace(words, '\n', ' ');
  return words.empty() ? "no more" : words;
}

/// Until when a quota is used up: a header, or the body's "reset_time".
std::optional<Timestamp> reset_time(const http::Response& response) {
  const auto header = to_integer(http::find_header(response.headers, "X-RateLimit-Reset"));
  if (header) return Timestamp(std::chrono::seconds(*header));
  const auto body = json::parse(response.body);
  const auto* found = body ? (*body).find("reset_time") : nullptr;
  if (found == nullptr || found->text() == nullptr) return std::nullopt;
  return from_iso8601(*found->text());
}

Result<void> check_geojson(std::string_view body) {
  const auto read = TRY(json::Document::parse(body));
  if (read.text("type") == "FeatureCollection" && read.count("features")) return {};
  return Error{Errc::invalid, "it is no GeoJSON FeatureCollection"};
}

Result<void> check_json(std::string_view body) {
  const auto read = TRY(json::Document::parse(body));
  if (read.count("")) return {};
  return Error{Errc::invalid, "it is no list of records"};
}

Result<void> check_csv(std::string_view body) {
  if (body.find('\n') == std::string_view::npos) return Error{Errc::invalid, "it is no CSV"};
  if (body.find(interrupted) != std::string_view::npos) {
    return Error{Errc::invalid, "the portal interrupted it"};
  }
  // One within a quoted field is doubled, so all together they are even.
  if (std::ranges::count(body, '"') % 2 == 0) return {};
  return Error{Errc::invalid, "it ends within a quoted field"};
}

}  // namespace

Duration Pauses::next(std::optional<Duration> asked) {
  const auto pause = std::max(asked.value_or(Duration{}), next_);
  next_ = std::min(2 * next_, longest_);
  return pause;
}

bool may_pass(const Error& error) {
  return error.code == Errc::unavailable || error.code == Errc::timeout ||
         error.code == Errc::corrupt;
}

Check check_of(std::string_view format) {
  if (format == "geojson") return check_geojson;
  if (format == "json") return check_json;
  return check_csv;
}

http::Request Portal::request_for(const std::string& url, const std::optional<Kept>& kept) const {
  http::Request request;
  request.url = url;
  request.timeout = access_.timeout;
  request.trust = access_.trust;
  request.max_answer = access_.max_bytes;
  if (!access_.key.empty()) request.headers.push_back({"Authorization", "Apikey " + access_.key});
  if (kept && !kept->etag.empty()) request.headers.push_back({"If-None-Match", kept->etag});
  if (kept && !kept->last_modified.empty()) {
    request.headers.push_back({"If-Modified-Since", kept->last_modified});
  }
  return request;
}

void Portal::note_limits(const http::Response& response) {
  remaining_ = to_integer(http::find_header(response.headers, "X-RateLimit-Remaining"));
  if (response.status != 429 && response.status != 503) return;
  if (const auto s = to_integer(http::find_header(response.headers, "Retry-After")); s && *s > 0) {
    wait_ =
        std::chrono::seconds(std::min<std::int64_t>(*s, longest_wait / std::chrono::seconds(1)));
  } else if (const auto reset = reset_time(response)) {
    wait_ = std::clamp<Duration>(*reset - clock_.now(), Duration{}, longest_wait);
  }
}

Error Portal::trouble(const http::Response& response) {
  const auto told = [&](Errc code, std::string_view what) {
    return Error{code, fmt::format("{} ({}): {}", what, response.status, words_of(response))};
  };
  switch (response.status) {
    case 400:
      return told(Errc::invalid, "the portal does not understand the question");
    case 401:
    case 403:
      return told(Errc::unavailable, "the portal does not let us in");
    case 404:
      return told(Errc::not_found, "the portal has no such dataset");
    case 429:
      return told(Errc::unavailable, "the portal's limit of questions is reached");
    default:
      return told(Errc::unavailable, "the portal cannot answer");
  }
}

Result<Download> Portal::judge(const std::string& url, http::Response response, const Check& check,
                               std::optional<Kept>& kept, Copy copy) {
  note_limits(response);
  if (response.status == 304 && kept) {
    kept->at = clock_.now();
    if (const auto touched = cache_.touch(*kept); !touched) {
      log::warning("opendata", "{}", touched.error().what);
    }
    return Download{std::move(kept->body), Download::From::unchanged, kept->at};
  }
  if (response.status != 200) return trouble(response);
  if (const auto whole = check(response.body); !whole) {
    return Error{Errc::corrupt, whole.error().what};
  }
  Kept fresh{url, std::string(http::find_header(response.headers, "ETag")),
             std::string(http::find_header(response.headers, "Last-Modified")), clock_.now(),
             std::move(response.body)};
  if (copy != Copy::none) {
    if (const auto done = cache_.keep(fresh); !done) {
      log::warning("opendata", "{}", done.error().what);
    }
  }
  return Download{std::move(fresh.body), Download::From::portal, fresh.at};
}

Result<Download> Portal::get(const std::string& url, const Check& check, Duration max_age,
                             Copy copy) {
  wait_.reset();
  auto kept = copy == Copy::none ? std::nullopt : cache_.find(url);
  const auto now = clock_.now();
  if (kept && kept->at <= now && now - kept->at < max_age) {
    return Download{std::move(kept->body), Download::From::cache, kept->at};
  }
  auto response = client_.send(request_for(url, kept));
  auto got = response ? judge(url, std::move(*response), check, kept, copy)
                      : Result<Download>(response.error());
  if (got || copy != Copy::also_stale || !kept || !may_pass(got.error())) return got;
  return Download{std::move(kept->body), Download::From::stale, kept->at, got.error().what};
}

}  // namespace sosie::opendata
