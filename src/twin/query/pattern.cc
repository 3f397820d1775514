#include "twin/query/pattern.h"

#include <utility>

#include <re2/re2.h>

namespace sosie::ngsi {

namespace {

constexpr std::size_t longest_expression = 1024;
constexpr std::int64_t compiled_bytes = 256 << 10;

re2::RE2::Options extended() {
  re2::RE2::Options options;
  options.set_posix_syntax(true);
  options.set_perl_classes(true);
  options.set_word_boundary(true);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  options.set_log_errors(false);
  options.set_max_mem(compiled_bytes);
  return options;
}

}  // namespace

std::optional<Pattern> Pattern::create(std::string_view expression) {
  if (expression.size() > longest_expression) return std::nullopt;
  auto compiled = std::make_shared<const re2::RE2>(
      re2::StringPiece(expression.data(), expression.size()), extended());
  if (!compiled->ok()) return std::nullopt;
  return Pattern(std::move(compiled));
}

bool Pattern::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

std::string_view Pattern::expression() const {
  return compiled_->pattern();
}

}  // namespace sosie::ngsi
