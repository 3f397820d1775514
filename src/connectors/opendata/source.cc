#include "connectors/opendata/source.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/log.h"
#include "messages/intake_names.h"
#include "wire/json/document.h"

namespace sosie::opendata {
namespace {

constexpr Duration first_pause = std::chrono::seconds(1);
constexpr Duration longest_pause = std::chrono::minutes(5);
constexpr std::size_t most_remembered = 1'000'000;  ///< hashes, 50 MB of them
constexpr std::size_t sample_bytes = 200;

/// A page as the API gives it.
struct Page {
  std::size_t total = 0;
  std::vector<std::string> records;
};

Result<Page> read_page(std::string_view body) {
  const auto read = TRY(json::Document::parse(body));
  const auto total = read.number("total_count");
  auto records = read.elements("results");
  if (!total || *total < 0 || !records) {
    return Error{Errc::corrupt, "it is no page of records: total_count or results is missing"};
  }
  return Page{static_cast<std::size_t>(*total), std::move(*records)};
}

Result<void> check_page(std::string_view body) {
  const auto page = TRY(read_page(body));
  static_cast<void>(page);
  return {};
}

}  // namespace

Result<std::unique_ptr<OpenDataSource>> OpenDataSource::create(SourceConfig config) {
  std::unique_ptr<OpenDataSource> made(new OpenDataSource(std::move(config)));
  if (!made->config_.updated.empty()) {
    const std::array paths{made->config_.updated};
    made->updated_ = TRY(json::FieldReader::create(paths));
  }
  return made;
}

SourceState OpenDataSource::state() const {
  return state_.with([](const SourceState& state) { return state; });
}

/// What is asked for with a cursor in it is asked once: no copy of it is of use.
Result<Download> OpenDataSource::get(const std::string& url, const Check& check, bool keeps) {
  auto got = TRY(
      portal_.get(url, check, Duration{}, keeps ? Portal::Copy::also_stale : Portal::Copy::none));
  if (got.from == Download::From::stale) stale_ = got.trouble;
  return got;
}

void OpenDataSource::note_cursor(const std::string& record) {
  if (!updated_) return;
  const auto fields = updated_->read(record);
  if (!fields) return;
  const auto& field = (*fields)[0];
  if (field.kind == json::Field::Kind::text && field.text > cursor_) cursor_ = field.text;
}

void OpenDataSource::read_record(const std::string& record, Timestamp at, messages::Names& names,
                                 Delivery& delivery, std::vector<Reading>& readings) {
  const messages::Message message{std::nullopt, record, at};
  const auto refuse = [&](const Error& error) {
    delivery.refusals.push_back(
        {config_.name, error.what, record.substr(0, sample_bytes), config_.dataset.id});
  };
  if (config_.values) {
    if (const auto done = config_.values->read(message, names, readings); !done) {
      return refuse(done.error());
    }
  }
  if (!config_.position) return;
  const auto done = config_.position->read(message, names, readings);
  // Where values are what counts, a record may be without a place.
  if (!done && !config_.values) refuse(done.error());
}

/// Records that were the same the last time are passed over.
void OpenDataSource::take(const std::vector<std::string>& records, Timestamp at, Intake& intake) {
  messages::IntakeNames names(intake);
  std::vector<Reading> readings;
  Delivery delivery;
  for (const auto& record : records) {
    note_cursor(record);
    const std::uint64_t hash = std::hash<std::string>{}(record);
    const bool is_known = seen_.contains(hash);
    if (of_round_.size() < most_remembered) of_round_.insert(hash);
    if (!is_known) read_record(record, at, names, delivery, readings);
  }
  if (updated_) delivery.remembered.emplace_back(cursor_key(), cursor_);
  if (readings.empty() && delivery.refusals.empty()) return;
  std::ranges::stable_sort(readings, {}, &Reading::at);
  delivery.readings = readings;
  intake.deliver(std::move(delivery), config_.name);
}

Result<void> OpenDataSource::ask_export(const std::string& url, Intake& intake, bool keeps) {
  const auto got = TRY(get(url, check_of("json"), keeps));
  const auto read = TRY(json::Document::parse(got.body));
  const auto records = read.elements("");
  if (records) take(*records, got.at, intake);
  return {};
}

/// Every record of the dataset.
Result<void> OpenDataSource::ask_all(Intake& intake, const std::stop_token& stop) {
  std::size_t total = 1;
  for (std::size_t offset = 0; offset < total && !stop.stop_requested();) {
    const auto limit = std::min(config_.page, most_by_pages - offset);
    const auto got = TRY(get(records_url(config_.dataset, {limit, offset, ""}), check_page, true));
    const auto page = TRY(read_page(got.body));
    total = page.total;
    if (total > most_by_pages) {
      return ask_export(export_url(config_.dataset, "json"), intake, true);
    }
    take(page.records, got.at, intake);
    if (page.records.empty()) break;
    offset += page.records.size();
  }
  return {};
}

/// What was updated since the last time, oldest first: where a page ends the API's reach, the next
/// question begins at the newest that is known.
Result<void> OpenDataSource::ask_new(Intake& intake, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto began = cursor_;
    auto part = config_.dataset;
    if (!began.empty()) {
      part.where = both(part.where, fmt::format("{} >= date'{}'", config_.updated, began));
    }
    std::size_t offset = 0;
    std::size_t total = 1;
    while (offset < total && offset < most_by_pages && !stop.stop_requested()) {
      const auto limit = std::min(config_.page, most_by_pages - offset);
      const auto got =
          TRY(get(records_url(part, {limit, offset, config_.updated}), check_page, began.empty()));
      const auto page = TRY(read_page(got.body));
      total = page.total;
      take(page.records, got.at, intake);
      if (page.records.empty()) return {};
      offset += page.records.size();
    }
    if (offset >= total) return {};
    if (cursor_ == began) return ask_export(export_url(part, "json"), intake, false);
  }
  return {};
}

void OpenDataSource::note(const Result<void>& done) {
  const auto where = fmt::format("{}, {}", config_.dataset.portal, config_.dataset.id);
  std::string trouble;
  if (!done) trouble = done.error().what;
  if (done && !stale_.empty()) trouble = stale_ + "; a copy stands in";
  const auto before = state_.with([&](SourceState& state) {
    if (!trouble.empty()) ++state.troubles;
    return std::exchange(state.trouble, trouble);
  });
  if (trouble.empty() && !before.empty()) log::info(config_.name, "{}: answers again", where);
  if (!trouble.empty() && trouble != before) {
    log::warning(config_.name, "{}: {}; asking again, more slowly", where, trouble);
  }
}

/// Between two rounds the machine's time counts, whatever the engine's clock shows: the portal is
/// of this world.
Result<void> OpenDataSource::run(Intake& intake, std::stop_token stop) {
  SystemClock clock;
  Pauses pauses(first_pause, longest_pause);
  if (updated_) cursor_ = intake.recall(cursor_key()).value_or("");
  while (!stop.stop_requested()) {
    const auto began = clock.now();
    of_round_.clear();
    stale_.clear();
    const auto done = updated_ ? ask_new(intake, stop) : ask_all(intake, stop);
    note(done);
    if (done) std::swap(seen_, of_round_);
    const bool is_well = done && stale_.empty();
    if (is_well) pauses.reset();
    const auto now = clock.now();
    const auto asked = portal_.wait();
    clock.sleep(is_well ? std::max(began + config_.interval, now + asked.value_or(Duration{}))
                        : now + pauses.next(asked),
                stop);
  }
  return {};
}

}  // namespace sosie::opendata
