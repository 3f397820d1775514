#pragma once

namespace sosie {

/// A source that may speak over the network to this very program implements this beside Source: a
/// listener whose port was taken is at another one now, and whoever has the old port belongs to
/// somebody else.
///
/// Threads: before the source's `run`.
class Follower {
 public:
  virtual ~Follower() = default;
  virtual void listener_moved(int from_port, int to_port) = 0;
};

}  // namespace sosie
