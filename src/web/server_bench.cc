#include <array>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/server.h"

namespace sosie::web {
namespace {

constexpr std::string_view body = R"({"status":"ok"})";
constexpr std::string_view request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int failed = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
  return failed == 0 ? socket : -1;
}

/// Sends `count` requests at once and reads their answers, each of which ends with `body`.
bool ask(int socket, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += request;
  if (::send(socket, text.data(), text.size(), 0) < 0) return false;
  std::string answers;
  std::array<char, 65536> piece{};
  for (int got = 0; got < count;) {
    const auto size = ::recv(socket, piece.data(), piece.size(), 0);
    if (size <= 0) return false;
    answers.append(piece.data(), static_cast<std::size_t>(size));
    std::size_t at = 0;
    for (auto end = answers.find(body); end != std::string::npos; end = answers.find(body, at)) {
      at = end + body.size();
      ++got;
    }
    answers.erase(0, at);
  }
  return true;
}

/// Small GETs over one kept connection, `range` of them under way; quick (on the server's thread)
/// or by a worker.
void small_get(benchmark::State& state, bool quick) {
  Server server({[](Request&) { return Response{.body = std::string(body)}; },
                 [=](const Request&) { return quick; }},
                {});
  Listener listener;
  listener.port = 0;
  const auto port = server.listen(listener, 1);
  if (!port) return state.SkipWithError("no port");
  server.start();
  const int socket = connect_to(*port);
  const int depth = static_cast<int>(state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    if (!ask(socket, depth)) state.SkipWithError("no answer");
  }
  ::close(socket);
  server.stop();
  state.SetItemsProcessed(state.iterations() * depth);
}
BENCHMARK_CAPTURE(small_get, quick, true)->Arg(1)->Arg(64)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(small_get, by_worker, false)
    ->Arg(1)
    ->Arg(64)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace sosie::web
