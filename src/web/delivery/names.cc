#include "web/delivery/names.h"

#include <charconv>

#include <boost/asio/post.hpp>

#include "base/clock.h"

namespace sosie::delivery {
namespace {

constexpr auto believed = std::chrono::seconds(10);
constexpr std::size_t most_known = 10'000;

/// Blocks.
Endpoints ask(const std::string& host, const std::string& port) {
  asio::io_context own;
  asio::ip::tcp::resolver resolver(own);
  error_code failed;
  Endpoints found;
  for (const auto& entry : resolver.resolve(host, port, failed)) found.push_back(entry.endpoint());
  return found;
}

}  // namespace

Task<Endpoints> Names::find(const std::string& host, const std::string& port) {
  error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  std::uint16_t number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  if (!no_address) co_return Endpoints{{address, number}};
  const auto name = host + " " + port;
  if (const auto known = known_.find(name);
      known != known_.end() && known->second.until > stopwatch()) {
    co_return known->second.endpoints;
  }
  auto begin = [this, &host, &port](auto done) {
    asio::post(askers_, [this, host, port, done = std::move(done)]() mutable {
      asio::post(io_, [found = ask(host, port), done = std::move(done)]() mutable {
        done(std::move(found));
      });
    });
  };
  auto found =
      co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Endpoints)>(
          begin, asio::use_awaitable_t<Executor>{});
  if (known_.size() >= most_known) known_.clear();
  if (!found.empty()) known_[name] = {found, stopwatch() + believed};
  co_return found;
}

}  // namespace sosie::delivery
