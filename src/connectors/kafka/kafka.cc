#include "connectors/kafka/config.h"
#include "connectors/kafka/sink.h"
#include "connectors/kafka/source.h"
#include "core/catalog.h"
#include "messages/mapping.h"

namespace sosie {
namespace {

Result<std::unique_ptr<Source>> make_source(Section& section) {
  auto config = TRY(kafka::read_source(section));
  auto mapping = TRY(messages::read_mapping(section));
  return std::make_unique<kafka::KafkaSource>(std::move(config), std::move(mapping));
}

Result<std::unique_ptr<Sink>> make_sink(Section& section) {
  auto config = TRY(kafka::read_sink(section));
  return std::make_unique<kafka::KafkaSink>(std::move(config));
}

}  // namespace

void register_connectors_kafka(Catalog& catalog);
void register_connectors_kafka(Catalog& catalog) {
  catalog.add<Source>("kafka", make_source);
  catalog.add<Sink>("kafka", make_sink);
}

}  // namespace sosie
