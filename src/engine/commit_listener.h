#pragma once

#include <span>

#include "engine/parcel.h"

namespace sosie {

/// Is told what has been committed, in order, before those who wait for it are.
///
/// Threads: called on the journal's, which everybody waits for: take note and return.
class CommitListener {
 public:
  virtual ~CommitListener() = default;
  virtual void committed(std::span<const Parcel> parcels) = 0;
};

}  // namespace sosie
