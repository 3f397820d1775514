#include <memory>
#include <utility>
#include <vector>

#include "connectors/mongodb/client.h"
#include "connectors/mongodb/config.h"
#include "connectors/mongodb/object_id.h"
#include "core/catalog.h"
#include "core/sink.h"

namespace sosie {
namespace {

using mongodb::Client;
using mongodb::CollectionConfig;
using mongodb::Config;
using mongodb::Holds;
using mongodb::Outgoing;
using mongodb::Subject;

Outgoing document_of(const CollectionConfig& collection, const Subject& subject, bson_oid_t id,
                     Timestamp at) {
  Outgoing made{id, mongodb::make_bson(), at};
  BSON_APPEND_OID(made.document.get(), "_id", &id);
  collection.document.write(subject, *made.document);
  return made;
}

class MongoSink final : public Sink {
 public:
  explicit MongoSink(Config config) : config_(std::move(config)), client_(config_) {}

  Result<std::vector<SinkRefusal>> take(std::span<const SinkReading> readings,
                                        const SeriesTable& series) override {
    return write(Holds::readings, [&](const CollectionConfig& collection, auto& documents) {
      for (const auto& one : readings) {
        const SeriesInfo& info = series[one.reading.series];
        if (!collection.wants(info)) continue;
        documents.push_back(document_of(collection, {&info, &one, nullptr},
                                        mongodb::id_of(one.reading, info), one.reading.at));
      }
    });
  }

  Result<std::vector<SinkRefusal>> take(std::span<const AlarmEvent> steps,
                                        const SeriesTable& series) override {
    return write(Holds::alarms, [&](const CollectionConfig& collection, auto& documents) {
      for (const auto& step : steps) {
        const SeriesInfo* const info = step.alarm.series ? &series[*step.alarm.series] : nullptr;
        if (!collection.series.empty() && (info == nullptr || !collection.wants(*info))) continue;
        documents.push_back(
            document_of(collection, {info, nullptr, &step}, mongodb::id_of(step), step.at));
      }
    });
  }

 private:
  /// `fill` makes the documents of one collection.
  template <class Fill>
  Result<std::vector<SinkRefusal>> write(Holds holds, const Fill& fill) {
    std::vector<SinkRefusal> refused;
    for (const auto& collection : config_.collections) {
      if (collection.holds != holds) continue;
      std::vector<Outgoing> documents;
      fill(collection, documents);
      if (documents.empty()) continue;
      auto more = TRY(client_.write(collection, documents));
      refused.insert(refused.end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
    }
    return refused;
  }

  const Config config_;
  Client client_;
};

Result<std::unique_ptr<Sink>> make(Section& section) {
  auto config = TRY(Config::read(section));
  return std::make_unique<MongoSink>(std::move(config));
}

}  // namespace

void register_connectors_mongodb(Catalog& catalog) {
  catalog.add<Sink>("mongodb", make);
}

}  // namespace sosie
