#include "connectors/mqtt/sink.h"
#include "connectors/mqtt/source.h"
#include "core/catalog.h"

namespace sosie {

void register_connectors_mqtt(Catalog& catalog);
void register_connectors_mqtt(Catalog& catalog) {
  catalog.add<Source>("mqtt", mqtt::make_source);
  catalog.add<Sink>("mqtt", mqtt::make_sink);
}

}  // namespace sosie
