#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/source.h"

namespace sosie {

/// What came by HTTP, as far as a connector needs to know.
struct PostedBody {
  std::string_view path;
  std::string_view query;  ///< after '?', still encoded
  std::string_view content_type;
  std::string_view body;  ///< already decompressed
};

/// What goes back. The body is JSON unless it is empty.
struct PostReply {
  int status = 204;
  std::string body;
  int retry_after_s = 0;  ///< > 0: sent as Retry-After

  /// The status for what cannot be kept just now: 507 where there is no room on the disk, else 503.
  static int status_of(const Error& trouble) { return trouble.code == Errc::full ? 507 : 503; }
};

/// A connector that is fed by HTTP POST ("push"). The web room mounts it at its paths and takes
/// care of sockets, credentials and size limits.
///
/// Threads: `post` is called from many at once. A 2xx means: committed (or `?ack=none` was asked).
class Endpoint {
 public:
  virtual ~Endpoint() = default;
  virtual std::vector<std::string> paths() const = 0;
  virtual PostReply post(Intake& intake, const PostedBody& request) = 0;
};

}  // namespace sosie
