#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "connectors/mongodb/config.h"

namespace sosie::mongodb {

/// A document on its way, and what it came from.
struct Outgoing {
  bson_oid_t id;
  Bson document;
  Timestamp at;
};

/// What a reply says of one document of its bulk.
struct WriteError {
  std::size_t index = 0;  ///< in the order of the bulk
  std::uint32_t code = 0;
  std::string message;
};

/// One connection and what is known of the server behind it.
///
/// Threads: one at a time (libmongoc's rule for a client).
class Client {
 public:
  explicit Client(const Config& config) : config_(config) {}

  /// Writes each document once, whether or not it was written before (by its `_id`). Gives back
  /// those that the server will never take; an Error: nothing is known of any, write them again.
  Result<std::vector<SinkRefusal>> write(const CollectionConfig& collection,
                                         std::span<const Outgoing> documents);

 private:
  struct FreeClient {
    void operator()(mongoc_client_t* client) const { mongoc_client_destroy(client); }
  };
  struct FreeCollection {
    void operator()(mongoc_collection_t* collection) const {
      mongoc_collection_destroy(collection);
    }
  };
  using Collection = std::unique_ptr<mongoc_collection_t, FreeCollection>;
  using Some = std::vector<const Outgoing*>;
  enum class How { insert, replace };
  /// What became of a bulk: those that are there already, and those refused.
  struct Outcome {
    Some known;
    std::vector<SinkRefusal> refused;
  };

  Result<void> connect();
  Result<void> prepare(const CollectionConfig& config);
  void make_time_series(const CollectionConfig& config);
  bool has_time_series(const CollectionConfig& config);
  void make_indexes(const CollectionConfig& config);
  void make_index(const CollectionConfig& config, const Index& index,
                  std::optional<Duration> expire_after);
  void say_once(const std::string& text);

  Result<std::vector<SinkRefusal>> write_all(const CollectionConfig& config, const Some& documents);
  Result<Outcome> bulk(const CollectionConfig& config, const Some& documents, How how);
  static Some fill(mongoc_bulk_operation_t* bulk, const CollectionConfig& config,
                   const Some& documents, How how, Outcome& outcome);
  Result<Outcome> judge_whole(const CollectionConfig& config, const Some& sent, How how,
                              const bson_error_t& error);
  Result<Outcome> judge_each(const CollectionConfig& config, const Some& sent,
                             std::span<const WriteError> errors) const;
  Result<Outcome> halves(const CollectionConfig& config, const Some& documents, How how);
  Result<Some> without_known(const CollectionConfig& config, const Some& documents);
  Error explain(const bson_error_t& error) const;
  Collection collection(const CollectionConfig& config) const;

  const Config& config_;
  std::unique_ptr<mongoc_client_t, FreeClient> client_;
  std::set<std::string> prepared_;     ///< collections, on this connection
  std::set<std::string> time_series_;  ///< that the server made such
  std::set<std::string> said_;
};

}  // namespace sosie::mongodb
