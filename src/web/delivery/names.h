#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "web/delivery/tasks.h"

namespace sosie::delivery {

using Endpoints = std::vector<asio::ip::tcp::endpoint>;

/// Looks hosts up without holding anybody else up: Asio's own resolver has one thread, and a name
/// server that does not answer keeps it busy for half a minute.
///
/// Threads: that of `io`.
class Names {
 public:
  explicit Names(asio::io_context& io) : io_(io), askers_(8) {}
  ~Names() { askers_.join(); }
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  /// Empty: there is no such host. What was found is believed for ten seconds.
  Task<Endpoints> find(const std::string& host, const std::string& port);

 private:
  struct Known {
    Endpoints endpoints;
    std::chrono::steady_clock::time_point until;
  };

  asio::io_context& io_;
  asio::thread_pool askers_;
  std::map<std::string, Known> known_;  ///< by host and port
};

}  // namespace sosie::delivery
