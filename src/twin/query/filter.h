#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "twin/model/entity.h"
#include "twin/model/error.h"
#include "twin/query/probe.h"

namespace sosie::ngsi {

struct Statement;

/// A `q` or `mq` (NGSI v2 specification, "Simple Query Language"): statements, all of which must
/// hold. `temperature>40;humidity==40..60;!broken;address.city~='^Par'`.
///
/// Built-in attributes dateCreated, dateModified, dateExpires, servicePath and, in `mq`, built-in
/// metadata dateCreated and dateModified are those of the broker, whatever the user calls his own.
///
/// Threads: any, after creation. Copies share the statements.
/// Budget: 100 ns a statement that compares a number.
class Filter {
 public:
  /// Matches everything.
  Filter() = default;

  /// On attributes. 400 with Orion's words if it is no query.
  static Checked<Filter> q(std::string_view text);

  /// On metadata: the first name of each path is the attribute's, the second the metadata's.
  static Checked<Filter> mq(std::string_view text);

  bool matches(const Entity& entity) const;
  bool is_empty() const { return statements_ == nullptr || statements_->empty(); }

  /// Tests that every entity passes which matches; for statements that allow of none there is none.
  std::vector<Probe> probes() const;

  /// Attributes that the statements look at, each once.
  std::vector<Text> attributes() const;

 private:
  explicit Filter(std::shared_ptr<const std::vector<Statement>> statements)
      : statements_(std::move(statements)) {}
  std::shared_ptr<const std::vector<Statement>> statements_;
};

}  // namespace sosie::ngsi
