#include "wire/json/fields.h"

#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"
#include "wire/json/on_demand.h"

namespace sosie::json {
namespace {

constexpr std::size_t shown_bytes = 40;

/// A step of the paths: a member's name, or an element's number.
struct Step {
  std::string name;
  int field = -1;  ///< which one ends here; -1: none
  std::vector<Step> next;
};

/// The step called `name` behind `from`, or null.
const Step* find(const Step& from, std::string_view name) {
  for (const auto& step : from.next) {
    if (step.name == name) return &step;
  }
  return nullptr;
}

Step& at(Step& from, std::string_view name) {
  for (auto& step : from.next) {
    if (step.name == name) return step;
  }
  from.next.push_back({std::string(name), -1, {}});
  return from.next.back();
}

}  // namespace

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::string_view to_text(Field::Kind kind) {
  switch (kind) {
    case Field::Kind::missing:
      return "nothing";
    case Field::Kind::null:
      return "null";
    case Field::Kind::number:
      return "a number";
    case Field::Kind::flag:
      return "a truth value";
    case Field::Kind::text:
      return "a text";
    case Field::Kind::list:
      return "a list";
    case Field::Kind::object:
      return "an object";
  }
  return "nothing";
}

class FieldReader::Reader {
 public:
  Result<void> add(const std::string& path) {
    if (path.empty()) return Error{Errc::invalid, "a path is empty"};
    Step* step = &root_;
    for (const auto part : split(path, '.')) step = &at(*step, part);
    if (step->field >= 0) return Error{Errc::invalid, fmt::format("'{}' is given twice", path)};
    step->field = static_cast<int>(fields_.size());
    fields_.emplace_back();
    paths_.push_back(path);
    return {};
  }

  Result<std::span<const Field>> read(std::string_view text) {
    if (text.size() > max_text) {
      return Error{Errc::invalid,
                   fmt::format("{} bytes; expected at most {}", text.size(), max_text)};
    }
    text = trim(text);
    if (text.empty()) return Error{Errc::invalid, "it is empty; expected a JSON object"};
    for (auto& field : fields_) field = {};
    trouble_.clear();
    od::document document;
    error_code failed = parser_.iterate(padded(text)).get(document);
    if (failed == simdjson::SUCCESS) failed = read_document(document);
    if (!trouble_.empty()) return Error{Errc::invalid, trouble_};
    if (failed != simdjson::SUCCESS) {
      return Error{Errc::invalid,
                   failed == simdjson::DEPTH_ERROR
                       ? fmt::format("it is deeper than {} levels", max_levels)
                       : fmt::format("it is not JSON: {}", simdjson::error_message(failed))};
    }
    return std::span<const Field>(fields_);
  }

 private:
  /// The text where simdjson may read beyond its end.
  simdjson::padded_string_view padded(std::string_view text) {
    const std::size_t room = text.size() + simdjson::SIMDJSON_PADDING;
    if (buffer_.size() < room) buffer_.resize(room);
    std::memcpy(buffer_.data(), text.data(), text.size());
    std::memset(buffer_.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);
    return simdjson::padded_string_view(buffer_.data(), text.size(), buffer_.size());
  }

  error_code read_document(od::document& document) {
    auto type = od::json_type::null;
    if (const auto failed = document.type().get(type)) return failed;
    if (type != od::json_type::object) {
      trouble_ = fmt::format("it is {}; expected an object", kind_of(type));
      return simdjson::SUCCESS;
    }
    od::object object;
    if (const auto failed = document.get_object().get(object)) return failed;
    if (const auto failed = read_object(object, root_, max_levels)) return failed;
    if (document.current_location().error() == simdjson::SUCCESS) {
      trouble_ = "text goes on after the end of its JSON";
    }
    return simdjson::SUCCESS;
  }

  error_code read_object(od::object& object, const Step& from, int levels) {
    for (auto next : object) {
      if (const auto failed = next.error()) return failed;
      auto& member = next.value_unsafe();
      std::string_view key;
      if (const auto failed = key_of(member, key)) return failed;
      const Step* const step = find(from, key);
      const auto failed = step == nullptr ? check_rest(member.value(), levels - 1)
                                          : read_value(member.value(), *step, levels - 1);
      if (failed) return failed;
    }
    return simdjson::SUCCESS;
  }

  error_code read_list(od::array& list, const Step& from, int levels) {
    std::size_t index = 0;
    for (auto element : list) {
      od::value value;
      if (const auto failed = element.get(value)) return failed;
      const Step* const step = find(from, fmt::format_int(index++).c_str());
      const auto failed =
          step == nullptr ? check_rest(value, levels - 1) : read_value(value, *step, levels - 1);
      if (failed) return failed;
    }
    return simdjson::SUCCESS;
  }

  error_code read_value(od::value value, const Step& step, int levels) {
    if (levels <= 0) return simdjson::DEPTH_ERROR;
    auto type = od::json_type::null;
    if (const auto failed = value.type().get(type)) return failed;
    Field unwanted;
    Field& field = step.field < 0 ? unwanted : fields_[static_cast<std::size_t>(step.field)];
    if (field.kind != Field::Kind::missing) {
      wrong(fmt::format("'{}' is given twice", paths_[static_cast<std::size_t>(step.field)]));
    }
    switch (type) {
      case od::json_type::object: {
        field.kind = Field::Kind::object;
        od::object object;
        if (const auto failed = value.get_object().get(object)) return failed;
        return read_object(object, step, levels);
      }
      case od::json_type::array: {
        field.kind = Field::Kind::list;
        od::array list;
        if (const auto failed = value.get_array().get(list)) return failed;
        return read_list(list, step, levels);
      }
      default:
        return read_scalar(value, type, field, step.name);
    }
  }

  error_code read_scalar(od::value& value, od::json_type type, Field& field,
                         std::string_view name) {
    switch (type) {
      case od::json_type::number: {
        field.kind = Field::Kind::number;
        field.text = trim(value.raw_json_token());
        const auto failed = value.get_double().get(field.number);
        if (failed && is_broken(failed)) return failed;
        if (failed || !std::isfinite(field.number)) {
          wrong(fmt::format("'{}' is {}; expected a finite number", name,
                            field.text.substr(0, shown_bytes)));
        }
        return simdjson::SUCCESS;
      }
      case od::json_type::string:
        field.kind = Field::Kind::text;
        return value.get_string().get(field.text);
      case od::json_type::boolean: {
        bool flag = false;
        field.kind = Field::Kind::flag;
        const auto failed = value.get_bool().get(flag);
        field.number = flag ? 1 : 0;
        return failed;
      }
      default:
        field.kind = Field::Kind::null;
        return check_rest(value, 1);
    }
  }

  /// The first that is wrong is told.
  void wrong(std::string what) {
    if (trouble_.empty()) trouble_ = std::move(what);
  }

  Step root_;
  std::vector<std::string> paths_;
  std::vector<Field> fields_;
  std::vector<char> buffer_;
  od::parser parser_;
  std::string trouble_;
};

FieldReader::FieldReader() : reader_(std::make_unique<Reader>()) {}
FieldReader::~FieldReader() = default;
FieldReader::FieldReader(FieldReader&&) noexcept = default;
FieldReader& FieldReader::operator=(FieldReader&&) noexcept = default;

Result<FieldReader> FieldReader::create(std::span<const std::string> paths) {
  FieldReader made;
  for (const auto& path : paths) {
    TRY(made.reader_->add(path));
  }
  return made;
}

Result<std::span<const Field>> FieldReader::read(std::string_view text) {
  return reader_->read(text);
}

}  // namespace sosie::json
