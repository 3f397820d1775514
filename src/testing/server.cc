#include "testing/server.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

namespace sosie::testing {
namespace {

constexpr auto start_patience = std::chrono::seconds(10);
constexpr auto look_again = std::chrono::milliseconds(10);

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

/// The child's side of a fork: never returns.
[[noreturn]] void become(const std::vector<std::string>& command, const std::string& log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

int start_process(const std::vector<std::string>& command, const std::string& log) {
  const pid_t pid = fork();
  if (pid == 0) become(command, log);
  return pid;
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// Until the port is open; false if the process ends before, or it takes too long.
bool wait_until_open(int pid, int port) {
  SystemClock clock;
  const Timestamp deadline = clock.now() + start_patience;
  while (clock.now() < deadline) {
    if (is_port_open(port)) return true;
    if (waitpid(pid, nullptr, WNOHANG) != 0) return false;
    clock.sleep(clock.now() + look_again, {});
  }
  return false;
}

}  // namespace

TempDir::TempDir() : path_(std::filesystem::temp_directory_path() / "sosie_test_XXXXXX") {
  REQUIRE(mkdtemp(path_.data()) != nullptr);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(const std::string& name, const std::string& text) const {
  const std::string path = file(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

bool is_port_open(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool open = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return open;
}

int run(const std::vector<std::string>& command) {
  const int pid = start_process(command, "/dev/null");
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

std::unique_ptr<Server> Server::start(const std::vector<std::string>& command, int port,
                                      const std::string& log) {
  const int pid = start_process(command, log);
  if (wait_until_open(pid, port)) return std::unique_ptr<Server>(new Server(pid, port));
  ::kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  FAIL_CHECK(command[0] << " does not listen on port " << port << ":\n" << read_file(log));
  return nullptr;
}

Server::~Server() {
  kill();
}

void Server::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

}  // namespace sosie::testing
