#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mongoc/mongoc.h>

#include "connectors/mongodb/template.h"

namespace sosie::mongodb {

struct FreeUri {
  void operator()(mongoc_uri_t* uri) const { mongoc_uri_destroy(uri); }
};
using Uri = std::unique_ptr<mongoc_uri_t, FreeUri>;

/// An index that is to be there: its name, and each field with 1 or -1.
struct Index {
  std::string name;
  std::vector<std::pair<std::string, int>> fields;
};

/// One [[sink.collection]].
struct CollectionConfig {
  std::string name;
  Holds holds = Holds::readings;
  std::vector<std::string> series;  ///< wildcards, of entities or of SeriesInfo::name()
  Template document;
  std::vector<Index> indexes;
  std::string expire_field;  ///< empty: documents stay
  Duration expire_after{};
  bool is_time_series = false;
  std::string time_field;
  std::string meta_field;

  bool wants(const SeriesInfo& info) const;
};

struct Config {
  Uri uri;            ///< with its password
  std::string hosts;  ///< for messages
  std::string database;
  std::vector<CollectionConfig> collections;

  /// Checks everything and opens nothing. No message holds the address: it may be a secret.
  static Result<Config> read(Section& section);
};

}  // namespace sosie::mongodb
