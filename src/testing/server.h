#pragma once

#include <memory>
#include <string>
#include <vector>

namespace sosie::testing {

/// A directory of its own under the system's temporary one, removed with what is in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file into it; returns its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

/// A loopback TCP port that nobody listens on now.
int free_port();
/// Whether somebody listens on this loopback port.
bool is_port_open(int port);

/// Runs a program to its end; its output is thrown away. The exit code, or -1.
int run(const std::vector<std::string>& command);

/// A real server for a test: starts it, waits until it listens, kills it at the end (also when the
/// test program dies). Its output goes to a file.
class Server {
 public:
  /// Waits until `port` is open, ten seconds at most. Null, and a failed CHECK with the server's
  /// output, if it is not. `log` is a path for its output.
  static std::unique_ptr<Server> start(const std::vector<std::string>& command, int port,
                                       const std::string& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return port_; }
  int pid() const { return pid_; }
  /// kill -9 (what a power cut looks like), and waits for its end.
  void kill();

 private:
  Server(int pid, int port) : pid_(pid), port_(port) {}
  int pid_;
  int port_;
};

}  // namespace sosie::testing
