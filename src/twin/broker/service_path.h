#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twin/model/error.h"

namespace sosie::ngsi {

/// Where in the hierarchy of service paths a request looks or writes (header Fiware-ServicePath).
/// "/a/b" is that place alone, "/a/#" is "/a" and all below it.
class Scope {
 public:
  /// 400 if it is no list of at most ten absolute paths of at most ten levels, each 1 to 50 of
  /// `[A-Za-z0-9_]`. Blanks around commas and one slash at the end of a path are allowed.
  static Checked<Scope> parse(std::string_view header);

  /// Everything: "/#".
  static Scope all() { return Scope({"/#"}); }
  static Scope of(std::string path) { return Scope({std::move(path)}); }

  bool contains(std::string_view path) const;
  bool is_all() const { return paths_.size() == 1 && paths_.front() == "/#"; }

  /// One path without "#": a place where something can be written.
  bool is_one() const;
  const std::string& first() const { return paths_.front(); }
  const std::vector<std::string>& paths() const { return paths_; }

 private:
  explicit Scope(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  std::vector<std::string> paths_;  ///< never empty
};

/// A tenant's name in lower case. 400 if it is longer than 50 or has more than `[A-Za-z0-9_]`.
Checked<std::string> tenant_name(std::string_view header);

}  // namespace sosie::ngsi
