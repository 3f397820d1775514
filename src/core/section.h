#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace sosie {

/// A value of a scenario file, with the line it stands on.
struct Node {
  using List = std::vector<Node>;
  using Table = std::map<std::string, Node, std::less<>>;
  std::variant<bool, std::int64_t, double, std::string, List, Table> value;
  int line = 0;
  int column = 0;
};

/// One table of a scenario file, read once. A key that no one asked for is an error, so a typo can
/// never become a silent default. Every Error says file, line, what was read, what was expected,
/// and the nearest valid name, in its sentence and in its `misread`.
class Section {
 public:
  /// The whole file. Errors: not there, not TOML.
  static Result<Section> read_file(const std::string& path);
  static Result<Section> read_text(std::string_view toml, std::string_view file_name = "scenario");

  bool has(std::string_view key) const;
  std::vector<std::string> keys() const;

  Result<std::string> text(std::string_view key);
  Result<std::string> text(std::string_view key, std::string_view otherwise);
  Result<double> number(std::string_view key);
  Result<double> number(std::string_view key, double otherwise);
  Result<std::int64_t> integer(std::string_view key, std::int64_t otherwise);
  Result<bool> flag(std::string_view key, bool otherwise);
  Result<Duration> duration(std::string_view key, Duration otherwise);  ///< "5s", "24h"
  Result<std::vector<std::string>> texts(std::string_view key);         ///< none: empty
  Result<std::string> choice(std::string_view key, std::string_view otherwise,
                             std::span<const std::string_view> allowed);

  /// A secret is never written in a scenario: `<key>_env` names the environment's variable, or
  /// `<key>_file` a file. Empty if neither is there; an Error if what they name is not.
  Result<std::string> secret(std::string_view key);

  /// A path, relative to the scenario file's own folder.
  Result<std::string> path(std::string_view key);
  Result<std::string> path(std::string_view key, std::string_view otherwise);

  /// [key]; an empty section if it is not there.
  Result<Section> table(std::string_view key);
  /// [[key]]; none: empty.
  Result<std::vector<Section>> tables(std::string_view key);
  /// What stands there, whatever it is; null: nothing. Valid as long as this section.
  const Node* raw(std::string_view key) { return ask(key); }
  /// The values of a table of numbers or texts, as they stand: {name = value, ...}
  Result<std::map<std::string, std::string>> text_map(std::string_view key);

  /// From now on a secret that is not there is no Error but `no_secret`: to check a section that
  /// will not be used.
  static constexpr std::string_view no_secret = "not here";
  void excuse_secrets() { excuses_secrets_ = true; }

  /// An Error for the first key that nobody asked for.
  Result<void> finish() const;

  /// "file:line: 'key' …", for makers that find more wrong than a type.
  Error wrong(std::string_view key, std::string_view what) const;
  Error wrong_choice(std::string_view key, std::string_view read,
                     std::span<const std::string_view> allowed) const;
  /// The same where there are too many `names` to tell them all: `expected` says what they are.
  Error wrong_name(std::string_view key, std::string_view read, std::string_view expected,
                   std::span<const std::string_view> names) const;

  const std::string& folder() const { return origin_->folder; }

 private:
  struct Origin {
    std::string file;
    std::string folder;
    Node root;
  };
  Section(std::shared_ptr<const Origin> origin, const Node::Table* table, std::string name,
          int line)
      : origin_(std::move(origin)), table_(table), name_(std::move(name)), line_(line) {}

  const Node* ask(std::string_view key);
  Error error_at(Misread place, std::string_view sentence) const;
  Error missing(std::string_view key) const;
  Error mistyped(std::string_view key, const Node& node, std::string_view expected) const;

  std::shared_ptr<const Origin> origin_;  ///< shared: sub-sections point into the same file
  const Node::Table* table_;              ///< inside *origin_, or a static empty one
  std::string name_;                      ///< "[[detector]]"
  int line_;
  std::set<std::string, std::less<>> asked_;
  bool excuses_secrets_ = false;
};

}  // namespace sosie
