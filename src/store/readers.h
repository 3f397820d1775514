#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "store/database.h"

namespace sosie {

/// Connections that only read; a few are kept for the next who asks. Any thread.
class Readers {
 public:
  explicit Readers(std::string path) : path_(std::move(path)) {}

  /// A connection for one caller, inside a read transaction: all it reads is of one moment, the
  /// first time it reads. Goes back by itself.
  class Lease {
   public:
    ~Lease();
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Database& operator*() const { return *database_; }

    /// Nobody gets it after this one: it has been changed.
    void keep_from_others() { is_shared_ = false; }

   private:
    friend class Readers;
    Lease(Readers& readers, std::unique_ptr<Database> database, Transaction transaction)
        : readers_(&readers),
          database_(std::move(database)),
          transaction_(std::move(transaction)) {}

    Readers* readers_;
    std::unique_ptr<Database> database_;
    std::optional<Transaction> transaction_;
    bool is_shared_ = true;
  };
  Result<Lease> begin();

  /// The same with no transaction, for those who keep it.
  Result<std::unique_ptr<Database>> connect() const;

 private:
  Result<std::unique_ptr<Database>> take();
  void give_back(std::unique_ptr<Database> database);

  const std::string path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_;
};

}  // namespace sosie
