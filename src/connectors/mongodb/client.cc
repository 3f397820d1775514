#include "connectors/mongodb/client.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "base/log.h"

namespace sosie::mongodb {
namespace {

constexpr std::size_t largest_document = std::size_t{16} << 20U;
constexpr std::size_t kept_sample = 500;
/// Documents in one request: few enough for a slow server to answer in time.
constexpr std::size_t bulk_documents = 200;
/// Replacements in one request: FerretDB 1.24 holds a connection to its store for each until the
/// request ends, has 50 of them, and waits for ever when they are all out.
constexpr std::size_t bulk_replacements = 20;

// The server's codes (MongoDB: src/mongo/base/error_codes.yml).
constexpr std::uint32_t authentication_failed = 18;
constexpr std::uint32_t duplicate_key = 11000;
/// Of a document, not of the moment: it would be refused again.
constexpr std::array<std::uint32_t, 10> of_the_document{2,   9,     14,    22,    52,
                                                        121, 10334, 17280, 16755, 17419};
/// Of the moment: shutting down, not primary, out of time, of disk space or (Cosmos DB) of quota.
constexpr std::array<std::uint32_t, 15> of_the_moment{
    6, 7, 50, 89, 91, 112, 189, 262, 9001, 10107, 11600, 11602, 13435, 14031, 16500};

bool is_among(std::span<const std::uint32_t> codes, std::uint32_t code) {
  return std::ranges::find(codes, code) != codes.end();
}

struct FreeBulk {
  void operator()(mongoc_bulk_operation_t* bulk) const { mongoc_bulk_operation_destroy(bulk); }
};
using Bulk = std::unique_ptr<mongoc_bulk_operation_t, FreeBulk>;

struct FreeCursor {
  void operator()(mongoc_cursor_t* cursor) const { mongoc_cursor_destroy(cursor); }
};
using Cursor = std::unique_ptr<mongoc_cursor_t, FreeCursor>;

/// A reply that libmongoc fills in.
struct Reply {
  bson_t bson = BSON_INITIALIZER;
  Reply() { bson_destroy(&bson); }  // libmongoc initializes it anew
  ~Reply() { bson_destroy(&bson); }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
};

SinkRefusal refusal_of(const CollectionConfig& config, const bson_t& document, std::string reason) {
  auto sample = to_json(document);
  if (sample.size() > kept_sample) sample.resize(kept_sample);
  return {std::move(reason), std::move(sample), config.name};
}

std::vector<WriteError> write_errors_of(const bson_t& reply) {
  std::vector<WriteError> errors;
  bson_iter_t list{};
  bson_iter_t item{};
  if (!bson_iter_init_find(&list, &reply, "writeErrors") || !bson_iter_recurse(&list, &item)) {
    return errors;
  }
  while (bson_iter_next(&item)) {
    bson_iter_t field{};
    if (!bson_iter_recurse(&item, &field)) continue;
    WriteError error;
    while (bson_iter_next(&field)) {
      const std::string_view name = bson_iter_key(&field);
      if (name == "index") error.index = static_cast<std::size_t>(bson_iter_as_int64(&field));
      if (name == "code") error.code = static_cast<std::uint32_t>(bson_iter_as_int64(&field));
      if (name == "errmsg" && BSON_ITER_HOLDS_UTF8(&field)) {
        error.message = bson_iter_utf8(&field, nullptr);
      }
    }
    errors.push_back(std::move(error));
  }
  return errors;
}

void move_behind(std::vector<SinkRefusal>& all, std::vector<SinkRefusal>& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool is_of_server(const bson_error_t& error) {
  return error.domain == MONGOC_ERROR_SERVER;
}

}  // namespace

Error Client::explain(const bson_error_t& error) const {
  const std::string_view said = error.message;
  const auto* user = mongoc_uri_get_username(config_.uri.get());
  const bool is_refused =
      (error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE) ||
      (is_of_server(error) && error.code == authentication_failed);
  if (is_refused) {
    const auto* source = mongoc_uri_get_auth_source(config_.uri.get());
    return {Errc::unavailable,
            fmt::format("{} does not let user '{}' in (authSource {}): wrong name or password: {}",
                        config_.hosts, user == nullptr ? "" : user, source, said)};
  }
  if (error.domain == MONGOC_ERROR_SERVER_SELECTION) {
    const auto begin = said.find('[');
    const auto end = said.rfind(']');
    const bool has_detail = begin != std::string_view::npos && end != std::string_view::npos;
    return {Errc::unavailable,
            fmt::format("no server answers at {}: {}", config_.hosts,
                        has_detail ? said.substr(begin + 1, end - begin - 1) : said)};
  }
  return {Errc::unavailable, fmt::format("{}: {}", config_.hosts, said)};
}

void Client::say_once(const std::string& text) {
  if (said_.insert(text).second) log::warning("mongodb", "{}", text);
}

Client::Collection Client::collection(const CollectionConfig& config) const {
  return Collection(
      mongoc_client_get_collection(client_.get(), config_.database.c_str(), config.name.c_str()));
}

Result<void> Client::connect() {
  if (client_) return {};
  bson_error_t error{};
  client_.reset(mongoc_client_new_from_uri_with_error(config_.uri.get(), &error));
  if (!client_) return explain(error);
  mongoc_client_set_error_api(client_.get(), MONGOC_ERROR_API_VERSION_2);
  const Bson ping(BCON_NEW("ping", BCON_INT32(1)));
  if (!mongoc_client_command_simple(client_.get(), config_.database.c_str(), ping.get(), nullptr,
                                    nullptr, &error)) {
    client_.reset();
    return explain(error);
  }
  return {};
}

void Client::make_time_series(const CollectionConfig& config) {
  const auto database = std::unique_ptr<mongoc_database_t, decltype(&mongoc_database_destroy)>(
      mongoc_client_get_database(client_.get(), config_.database.c_str()),
      &mongoc_database_destroy);
  const auto options = make_bson();
  bson_t series{};
  BSON_APPEND_DOCUMENT_BEGIN(options.get(), "timeseries", &series);
  BSON_APPEND_UTF8(&series, "timeField", config.time_field.c_str());
  if (!config.meta_field.empty()) {
    BSON_APPEND_UTF8(&series, "metaField", config.meta_field.c_str());
  }
  bson_append_document_end(options.get(), &series);
  if (config.expire_after > Duration{}) {
    const auto age = std::chrono::floor<std::chrono::seconds>(config.expire_after);
    BSON_APPEND_INT64(options.get(), "expireAfterSeconds", age.count());
  }
  bson_error_t error{};
  auto* made =
      mongoc_database_create_collection(database.get(), config.name.c_str(), options.get(), &error);
  if (made != nullptr) {
    mongoc_collection_destroy(made);
  }
  if (has_time_series(config)) {
    time_series_.insert(config.name);
  } else {
    say_once(fmt::format("{} is a plain collection, not a time series: {}", config.name,
                         made != nullptr ? "the server took no notice" : error.message));
  }
}

/// Whether the server calls it one: it may have been there before.
bool Client::has_time_series(const CollectionConfig& config) {
  const auto database = std::unique_ptr<mongoc_database_t, decltype(&mongoc_database_destroy)>(
      mongoc_client_get_database(client_.get(), config_.database.c_str()),
      &mongoc_database_destroy);
  const Bson options(BCON_NEW("filter", "{", "name", BCON_UTF8(config.name.c_str()), "}"));
  const Cursor found(mongoc_database_find_collections_with_opts(database.get(), options.get()));
  const bson_t* row = nullptr;
  while (mongoc_cursor_next(found.get(), &row)) {
    bson_iter_t top{};
    bson_iter_t inner{};
    if (bson_iter_init(&top, row) &&
        bson_iter_find_descendant(&top, "options.timeseries", &inner)) {
      return true;
    }
  }
  return false;
}

void Client::make_index(const CollectionConfig& config, const Index& index,
                        std::optional<Duration> expire_after) {
  const auto command = make_bson();
  BSON_APPEND_UTF8(command.get(), "createIndexes", config.name.c_str());
  bson_t list{};
  bson_t one{};
  bson_t key{};
  BSON_APPEND_ARRAY_BEGIN(command.get(), "indexes", &list);
  BSON_APPEND_DOCUMENT_BEGIN(&list, "0", &one);
  BSON_APPEND_DOCUMENT_BEGIN(&one, "key", &key);
  for (const auto& [field, order] : index.fields) BSON_APPEND_INT32(&key, field.c_str(), order);
  bson_append_document_end(&one, &key);
  BSON_APPEND_UTF8(&one, "name", index.name.c_str());
  if (expire_after) {
    const auto age = std::chrono::floor<std::chrono::seconds>(*expire_after);
    BSON_APPEND_INT64(&one, "expireAfterSeconds", age.count());
  }
  bson_append_document_end(&list, &one);
  bson_append_array_end(command.get(), &list);
  bson_error_t error{};
  if (!mongoc_client_write_command_with_opts(client_.get(), config_.database.c_str(), command.get(),
                                             nullptr, nullptr, &error)) {
    say_once(fmt::format("{}: no {} \"{}\", the server says: {}", config.name,
                         expire_after ? "expiry by" : "index", index.name, error.message));
  }
}

void Client::make_indexes(const CollectionConfig& config) {
  for (const auto& index : config.indexes) make_index(config, index, std::nullopt);
  const bool expires_itself = time_series_.contains(config.name);
  if (config.expire_after > Duration{} && !expires_itself) {
    make_index(config, {config.expire_field + "_expiry", {{config.expire_field, 1}}},
               config.expire_after);
  }
}

/// At the first contact: what the scenario wants of the collection, as far as the server has it.
Result<void> Client::prepare(const CollectionConfig& config) {
  TRY(connect());
  if (prepared_.contains(config.name)) return {};
  if (config.is_time_series) make_time_series(config);
  make_indexes(config);
  prepared_.insert(config.name);
  return {};
}

Result<std::vector<SinkRefusal>> Client::write(const CollectionConfig& config,
                                               std::span<const Outgoing> documents) {
  const auto written = [&]() -> Result<std::vector<SinkRefusal>> {
    TRY(prepare(config));
    Some all;
    std::vector<SinkRefusal> refused;
    for (const auto& one : documents) {
      if (one.document->len <= largest_document) {
        all.push_back(&one);
      } else {
        refused.push_back(refusal_of(config, *one.document, "larger than 16 MB"));
      }
    }
    for (std::size_t i = 0; i < all.size(); i += bulk_documents) {
      const auto end = std::min(i + bulk_documents, all.size());
      auto more = TRY(write_all(config, Some(all.begin() + static_cast<std::ptrdiff_t>(i),
                                             all.begin() + static_cast<std::ptrdiff_t>(end))));
      move_behind(refused, more);
    }
    return refused;
  }();
  if (!written) {
    // The next attempt begins from nothing: it may be another server by then.
    client_.reset();
    prepared_.clear();
    time_series_.clear();
  }
  return written;
}

/// Inserts are the common case and the cheap one; what is there already is replaced.
Result<std::vector<SinkRefusal>> Client::write_all(const CollectionConfig& config,
                                                   const Some& documents) {
  const bool is_series = time_series_.contains(config.name);
  const auto fresh = is_series ? without_known(config, documents) : Result<Some>(documents);
  if (!fresh) return fresh.error();
  auto outcome = TRY(bulk(config, *fresh, How::insert));
  if (outcome.known.empty() || is_series) return std::move(outcome.refused);
  for (std::span<const Outgoing* const> rest(outcome.known); !rest.empty();) {
    const auto some = rest.first(std::min(bulk_replacements, rest.size()));
    rest = rest.subspan(some.size());
    auto replaced = TRY(bulk(config, Some(some.begin(), some.end()), How::replace));
    for (const auto* one : replaced.known) {
      outcome.refused.push_back(refusal_of(config, *one->document, "its key is another's already"));
    }
    move_behind(outcome.refused, replaced.refused);
  }
  return std::move(outcome.refused);
}

/// A time-series collection has no unique `_id`, so what is there must be looked up.
Result<Client::Some> Client::without_known(const CollectionConfig& config, const Some& documents) {
  if (documents.empty()) return documents;
  const auto [first, last] =
      std::ranges::minmax(documents, {}, [](const Outgoing* one) { return one->at; });
  const auto ms = [](Timestamp at) {
    return std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
  };
  const Bson filter(BCON_NEW(config.time_field.c_str(), "{", "$gte", BCON_DATE_TIME(ms(first->at)),
                             "$lte", BCON_DATE_TIME(ms(last->at)), "}"));
  const Bson options(BCON_NEW("projection", "{", "_id", BCON_INT32(1), "}"));
  const auto target = collection(config);
  const Cursor cursor(
      mongoc_collection_find_with_opts(target.get(), filter.get(), options.get(), nullptr));
  const auto less = [](const bson_oid_t& a, const bson_oid_t& b) {
    return bson_oid_compare(&a, &b) < 0;
  };
  std::set<bson_oid_t, decltype(less)> known(less);
  const bson_t* row = nullptr;
  while (mongoc_cursor_next(cursor.get(), &row)) {
    bson_iter_t id{};
    if (bson_iter_init_find(&id, row, "_id") && BSON_ITER_HOLDS_OID(&id)) {
      known.insert(*bson_iter_oid(&id));
    }
  }
  bson_error_t error{};
  if (mongoc_cursor_error(cursor.get(), &error)) return explain(error);
  Some fresh;
  for (const auto* one : documents) {
    if (known.insert(one->id).second) fresh.push_back(one);
  }
  return fresh;
}

/// Each document as an operation of the bulk; those that libmongoc itself refuses are noted.
Client::Some Client::fill(mongoc_bulk_operation_t* bulk, const CollectionConfig& config,
                          const Some& documents, How how, Outcome& outcome) {
  const Bson upsert(BCON_NEW("upsert", BCON_BOOL(true)));
  Some sent;
  for (const auto* one : documents) {
    bson_error_t error{};
    const bson_t* document = one->document.get();
    const Bson selector(BCON_NEW("_id", BCON_OID(&one->id)));
    const bool is_in = how == How::insert
                           ? mongoc_bulk_operation_insert_with_opts(bulk, document, nullptr, &error)
                           : mongoc_bulk_operation_replace_one_with_opts(
                                 bulk, selector.get(), document, upsert.get(), &error);
    if (is_in) {
      sent.push_back(one);
    } else {
      outcome.refused.push_back(refusal_of(config, *document, error.message));
    }
  }
  return sent;
}

Result<Client::Outcome> Client::bulk(const CollectionConfig& config, const Some& documents,
                                     How how) {
  const auto target = collection(config);
  const Bson unordered(BCON_NEW("ordered", BCON_BOOL(false)));
  const Bulk bulk(mongoc_collection_create_bulk_operation_with_opts(target.get(), unordered.get()));
  Outcome outcome;
  const auto sent = fill(bulk.get(), config, documents, how, outcome);
  if (sent.empty()) return outcome;
  Reply reply;
  bson_error_t error{};
  if (mongoc_bulk_operation_execute(bulk.get(), &reply.bson, &error) != 0) return outcome;
  const auto errors = write_errors_of(reply.bson);
  auto more =
      errors.empty() ? judge_whole(config, sent, how, error) : judge_each(config, sent, errors);
  if (!more) return more;
  move_behind(outcome.refused, (*more).refused);
  outcome.known = std::move((*more).known);
  return outcome;
}

/// All of the bulk failed for one reason.
Result<Client::Outcome> Client::judge_whole(const CollectionConfig& config, const Some& sent,
                                            How how, const bson_error_t& error) {
  if (!is_of_server(error) || !is_among(of_the_document, error.code)) return explain(error);
  if (sent.size() > 1) return halves(config, sent, how);
  Outcome outcome;
  outcome.refused.push_back(refusal_of(config, *sent.front()->document, error.message));
  return outcome;
}

Result<Client::Outcome> Client::judge_each(const CollectionConfig& config, const Some& sent,
                                           std::span<const WriteError> errors) const {
  Outcome outcome;
  for (const auto& wrong : errors) {
    if (wrong.index >= sent.size() || is_among(of_the_moment, wrong.code)) {
      return Error{Errc::unavailable, fmt::format("{}: {}", config_.hosts, wrong.message)};
    }
    const auto* one = sent[wrong.index];
    if (wrong.code == duplicate_key) {
      outcome.known.push_back(one);
    } else {
      outcome.refused.push_back(refusal_of(config, *one->document, wrong.message));
    }
  }
  return outcome;
}

/// The server refuses a whole bulk for what one document holds: find out which.
Result<Client::Outcome> Client::halves(const CollectionConfig& config, const Some& documents,
                                       How how) {
  const auto middle = documents.begin() + static_cast<std::ptrdiff_t>(documents.size() / 2);
  auto both = TRY(bulk(config, Some(documents.begin(), middle), how));
  auto second = TRY(bulk(config, Some(middle, documents.end()), how));
  both.known.insert(both.known.end(), second.known.begin(), second.known.end());
  move_behind(both.refused, second.refused);
  return both;
}

}  // namespace sosie::mongodb
