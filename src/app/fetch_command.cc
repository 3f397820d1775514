#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/environment.h"
#include "base/text.h"
#include "base/time_text.h"
#include "wire/json/document.h"
#include "wire/opendata/dataset.h"
#include "wire/opendata/portal.h"

namespace sosie::app {
namespace {

using opendata::Download;
using opendata::Portal;

struct FetchOptions {
  std::string portal;
  std::string dataset;
  std::string to;
  std::string format = "geojson";
  std::string where;
  std::string select;
  std::string cache;
  std::string max_age = "0s";
  std::string key_env;
  std::string ca_file;
  std::string timeout = "60s";
  int attempts = 5;
};

Result<Duration> duration_of(const std::string& option, const std::string& text) {
  const auto us = to_duration_us(text);
  if (us && *us >= 0) return Duration(*us);
  return Error{Errc::invalid,
               fmt::format("{}: read '{}', expected a duration as 30s or 24h", option, text)};
}

Result<opendata::Access> access_of(const FetchOptions& options) {
  opendata::Access access;
  if (!options.key_env.empty()) {
    access.key = environment(options.key_env.c_str());
    if (access.key.empty()) {
      return Error{Errc::invalid, fmt::format("--key-env: {} is not set", options.key_env)};
    }
  }
  const auto timeout = TRY(duration_of("--timeout", options.timeout));
  access.timeout = std::chrono::ceil<std::chrono::milliseconds>(timeout);
  access.max_bytes = std::uint64_t{4000} << 20U;
  access.trust.ca_file = options.ca_file;
  access.cache = options.cache;
  return access;
}

/// Asks until it is answered, or often enough; the last time a copy may stand in.
Result<Download> ask(Portal& portal, const std::string& url, const FetchOptions& options,
                     Duration max_age) {
  SystemClock clock;
  opendata::Pauses pauses(std::chrono::seconds(1), std::chrono::minutes(1));
  const std::stop_source never;
  for (int attempt = 1;; ++attempt) {
    const bool is_last = attempt >= options.attempts;
    auto got = portal.get(url, opendata::check_of(options.format), max_age,
                          is_last ? Portal::Copy::also_stale : Portal::Copy::asked_first);
    if (got || is_last || !opendata::may_pass(got.error())) return got;
    const auto pause = pauses.next(portal.wait());
    std::fprintf(stderr, "sosie: %s; again in %.0f s\n", got.error().what.c_str(),
                 std::chrono::duration<double>(pause).count());
    clock.sleep(clock.now() + pause, never.get_token());
  }
}

std::string how_many(const Download& got, const std::string& format) {
  const auto read = json::Document::parse(got.body);
  if (!read || format == "csv") return fmt::format("{} bytes", got.body.size());
  const bool is_geo = format == "geojson";
  return fmt::format("{} {}, {} bytes", read->count(is_geo ? "features" : "").value_or(0),
                     is_geo ? "features" : "records", got.body.size());
}

std::string where_from(const Download& got) {
  switch (got.from) {
    case Download::From::portal:
      return "";
    case Download::From::unchanged:
      return "; unchanged at the portal";
    case Download::From::cache:
      return fmt::format("; the copy of {}", to_iso8601(got.at));
    case Download::From::stale:
      return fmt::format("; the copy of {}, for {}", to_iso8601(got.at), got.trouble);
  }
  return "";
}

Result<void> fetch_to_file(const FetchOptions& options) {
  auto dataset = TRY(opendata::make_dataset(options.portal, options.dataset));
  dataset.where = options.where;
  dataset.select = options.select;
  const auto max_age = TRY(duration_of("--max-age", options.max_age));
  auto access = TRY(access_of(options));
  Portal portal(std::move(access));
  const auto got =
      TRY(ask(portal, opendata::export_url(dataset, options.format), options, max_age));
  TRY(opendata::replace_file(options.to, got.body));
  std::printf("%s: %s%s\n", options.to.c_str(), how_many(got, options.format).c_str(),
              where_from(got).c_str());
  return {};
}

int fetch(const FetchOptions& options) {
  const auto done = fetch_to_file(options);
  return done ? static_cast<int>(Exit::done) : fail(done.error());
}

void add_fetch_options(CLI::App& command, FetchOptions& options) {
  command.add_option("PORTAL", options.portal, "its address, https://data.example.org")->required();
  command.add_option("DATASET", options.dataset, "the dataset's id, as in its address")->required();
  command.add_option("--to", options.to, "the file to write")->required();
  const auto& known = opendata::export_formats;
  command.add_option("--format", options.format, "geojson, json or csv")
      ->check(CLI::IsMember(std::vector<std::string>(known.begin(), known.end())))
      ->capture_default_str();
  command.add_option("--where", options.where, "only these records (ODSQL)");
  command.add_option("--select", options.select, "only these fields (ODSQL)");
  command.add_option("--cache", options.cache, "folder of copies; without: none is kept");
  command
      .add_option("--max-age", options.max_age, "a copy younger than this is not asked for again")
      ->capture_default_str();
  command.add_option("--key-env", options.key_env, "variable with the key of the portal's API");
  command.add_option("--ca-file", options.ca_file, "an authority of your own (PEM), for https");
  command.add_option("--timeout", options.timeout, "of one attempt")->capture_default_str();
  command.add_option("--attempts", options.attempts, "how often to ask")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
}

}  // namespace

void add_fetch(Program& program) {
  auto* command = program.cli.add_subcommand(
      "fetch", "Downloads a dataset of an open data portal (Opendatasoft) into a file");
  const auto options = std::make_shared<FetchOptions>();
  add_fetch_options(*command, *options);
  command->footer(
      "The file is replaced only by a whole one. Districts for [[zones]] and positions are "
      "GeoJSON.\n"
      "Example:\n  sosie fetch https://data.toulouse-metropole.fr communes --to districts.geojson "
      "--cache var/portal --max-age 24h");
  command->callback([&program, options] { program.run = [options] { return fetch(*options); }; });
}

}  // namespace sosie::app
