#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "connectors/mongodb/bson.h"
#include "connectors/mongodb/macros.h"
#include "core/section.h"

namespace sosie::mongodb {

/// The form of a collection's documents, as the scenario writes it: fields in the file's order,
/// texts that may hold macros ("${value}"), constants, tables within. A text that is one macro
/// keeps the macro's type; "$${" is a plain "${".
class Template {
 public:
  /// `section`: its key `document`. Errors: an unknown macro (with the nearest name), a field name
  /// that MongoDB has other uses for.
  static Result<Template> read(Section& section, Holds holds);

  /// A macro a field each: where the scenario says nothing.
  static Template of_all_defaults(Holds holds);

  /// Appends the fields for `subject`.
  void write(const Subject& subject, bson_t& document) const;

  /// Whether `field` is one macro whose value is a date.
  bool is_date(std::string_view field, Holds holds) const;

 private:
  using Piece = std::variant<std::string, Macro>;
  /// A field, or an item of a list (whose name is its number).
  struct Part {
    enum class Form : std::uint8_t { value, macro, text, document, list };
    Form form = Form::value;
    std::string name;
    Value value;                ///< of form value
    Macro macro = nullptr;      ///< of form macro
    std::vector<Piece> pieces;  ///< of form text
    std::vector<Part> parts;    ///< of forms document and list
  };
  /// What is read, for messages.
  struct Place {
    const Section* section;
    Holds holds;
  };

  static Result<std::vector<Part>> read_fields(const Node::Table& table, const Place& place,
                                               bool is_top);
  static Result<Part> read_part(const std::string& name, const Node& node, const Place& place);
  static Result<Part> read_text(const std::string& name, std::string_view text, const Place& place);
  static Part constant(const std::string& name, Value value);
  static void write_part(const Subject& subject, bson_t& document, const Part& part);
  static void write_inner(const Subject& subject, bson_t& document, const Part& part);

  std::vector<Part> fields_;
};

}  // namespace sosie::mongodb
