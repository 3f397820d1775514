#include "store/readers.h"

#include "store/schema.h"

namespace sosie {
namespace {

constexpr std::size_t most_idle = 4;

}  // namespace

Readers::Lease::~Lease() {
  if (!database_) return;  // moved from
  transaction_.reset();
  if (is_shared_) readers_->give_back(std::move(database_));
}

Result<Readers::Lease> Readers::begin() {
  auto database = TRY(take());
  auto transaction = TRY(Transaction::begin(*database, Transaction::Kind::read));
  return Lease(*this, std::move(database), std::move(transaction));
}

Result<std::unique_ptr<Database>> Readers::connect() const {
  return open_for_reading(path_);
}

Result<std::unique_ptr<Database>> Readers::take() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      auto database = std::move(idle_.back());
      idle_.pop_back();
      return database;
    }
  }
  return connect();
}

void Readers::give_back(std::unique_ptr<Database> database) {
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < most_idle) idle_.push_back(std::move(database));
}

}  // namespace sosie
