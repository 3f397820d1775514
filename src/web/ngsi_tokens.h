#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/section.h"
#include "web/http.h"

namespace sosie::web {

/// Who may do what with the broker's tenants: `[[broker.token]]` of a scenario, keys token_env (or
/// token_file), tenant (none: all of them), access = "write" (default) or "read".
///
/// Without any everybody may do all. A client shows its token as `Authorization: Bearer …` or, as
/// behind a FIWARE proxy, as `X-Auth-Token: …`. GET /version and OPTIONS need none.
class NgsiTokens {
 public:
  /// Takes the tables of `broker`, which is `[broker]`.
  static Result<NgsiTokens> read(Section& broker);

  /// None: go on. Else 401 (no token, an unknown one) or 403 (not for this). `tenant`: as the
  /// broker knows it.
  std::optional<Response> refuse(const Request& request, std::string_view tenant) const;
  bool are_needed() const { return !grants_.empty(); }

 private:
  struct Grant {
    std::string token;
    std::optional<std::string> tenant;  ///< none: all
    bool may_write = true;
  };
  std::vector<Grant> grants_;
};

/// As the broker knows it: "" is the default one.
std::string tenant_of(const Request& request, bool multiservice);

/// Whether a request of NGSI v2 changes nothing.
bool only_reads(const Request& request);

}  // namespace sosie::web
