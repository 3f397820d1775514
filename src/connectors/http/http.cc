#include <vector>

#include "core/catalog.h"
#include "core/endpoint.h"
#include "wire/json/readings.h"
#include "wire/json/writer.h"

namespace sosie {
namespace {

constexpr std::size_t max_told = 100;          ///< errors in one answer
constexpr std::size_t max_quarantined = 1000;  ///< items of one body that are kept one by one

struct ItemError {
  std::size_t index;
  std::string reason;
};

/// Turns the items of one body into readings, and tells the intake of those that cannot be.
class Collector final : public json::ReadingVisitor {
 public:
  Collector(Intake& intake, const std::string& source)
      : intake_(intake), source_(source), now_(intake.clock().now()) {}

  void reading(std::size_t index, const json::ReadingItem& item) override {
    const auto series = intake_.series(item.entity, item.attribute);
    if (!series) {
      const auto* const dot = item.attribute.empty() ? "" : ".";
      return refused(index, series.error().what,
                     fmt::format("{}{}{} = {}", item.entity, dot, item.attribute, item.value));
    }
    Reading reading{.at = item.time.value_or(now_), .value = item.value, .series = *series};
    if (item.quality == "uncertain") reading.quality = Quality::uncertain;
    if (item.quality == "bad") reading.quality = Quality::bad;
    if (item.quality != "good") reading.reason = QualityReason::sensor_fault;
    readings_.push_back(reading);
  }

  void refused(std::size_t index, std::string_view reason, std::string_view sample) override {
    ++refused_;
    if (errors_.size() < max_told) errors_.push_back({index, std::string(reason)});
    if (refusals_.size() >= max_quarantined) return;
    refusals_.push_back(
        {source_, std::string(reason), std::string(sample), fmt::format("item {}", index)});
  }

  /// To be called once the body is accepted: one that comes again (429) is not told of twice.
  void quarantine() {
    if (refused_ > refusals_.size()) {
      refusals_.push_back(
          {source_, fmt::format("{} more items of the same body", refused_ - refusals_.size()), "",
           ""});
    }
    for (auto& refusal : refusals_) intake_.refuse(std::move(refusal));
  }

  const std::vector<Reading>& readings() const { return readings_; }
  const std::vector<ItemError>& errors() const { return errors_; }
  std::size_t refused() const { return refused_; }

 private:
  Intake& intake_;
  const std::string& source_;
  const Timestamp now_;
  std::vector<Reading> readings_;
  std::vector<ItemError> errors_;
  std::vector<Refusal> refusals_;
  std::size_t refused_ = 0;
};

PostReply answer(const Collector& items, const Admission& said) {
  json::Writer out;
  out.begin_object();
  out.member("taken", said.taken);
  out.member("refused", items.refused() + said.refused);
  out.key("errors");
  out.begin_array();
  for (const auto& error : items.errors()) {
    out.begin_object();
    out.member("index", error.index);
    out.member("error", error.reason);
    out.end_object();
  }
  if (said.refused > 0) {  // found by the intake, which does not know the items' places
    out.begin_object();
    out.member("index", nullptr);
    out.member("error", said.reason);
    out.end_object();
  }
  out.end_array();
  const bool nothing = said.taken == 0 && items.refused() + said.refused > 0;
  if (nothing) {
    out.member("error", "invalid");
    out.member("description", items.errors().empty() ? said.reason : items.errors().front().reason);
  }
  out.end_object();
  return {nothing ? 400 : 200, out.take(), 0};
}

PostReply later(int status, std::string_view why) {
  json::Writer out;
  out.begin_object();
  out.member("error", "unavailable");
  out.member("description", why);
  out.end_object();
  return {status, out.take(), 1};
}

PostReply not_on_disk(const std::optional<Error>& trouble) {
  constexpr std::string_view again = "not on disk yet: send it again, which does no harm";
  if (!trouble) return later(503, again);
  return later(PostReply::status_of(*trouble), fmt::format("{}; {}", trouble->what, again));
}

/// JSON readings by POST.
class HttpEndpoint final : public Endpoint {
 public:
  HttpEndpoint(std::string path, std::string source, Duration patience)
      : path_(std::move(path)), source_(std::move(source)), patience_(patience) {}

  std::vector<std::string> paths() const override { return {path_}; }

  PostReply post(Intake& intake, const PostedBody& request) override {
    if (const auto trouble = intake.trouble()) return not_on_disk(trouble);
    Collector items(intake, source_);
    json::ReadingDecoder().decode(request.body, items);
    Admission said;
    if (!items.readings().empty()) {
      auto put = intake.try_put(items.readings(), source_);
      if (!put) return later(429, put.error().what);
      said = *put;
      const bool waits = request.query.find("ack=none") == std::string_view::npos;
      if (waits && said.taken > 0 && !intake.wait_durable(said.ticket, patience_)) {
        return not_on_disk(intake.trouble());
      }
    }
    items.quarantine();
    return answer(items, said);
  }

 private:
  const std::string path_;
  const std::string source_;
  const Duration patience_;
};

Result<std::unique_ptr<Endpoint>> make(Section& section) {
  auto path = TRY(section.text("path", "/api/readings"));
  if (!path.starts_with('/')) return section.wrong("path", "must begin with '/'");
  auto source = TRY(section.text("name", "http"));
  const auto patience = TRY(section.duration("patience", std::chrono::seconds(10)));
  return std::make_unique<HttpEndpoint>(std::move(path), std::move(source), patience);
}

}  // namespace

void register_connectors_http(Catalog& catalog);
void register_connectors_http(Catalog& catalog) {
  catalog.add<Endpoint>("http", make);
}

}  // namespace sosie
