#include "cases/answer.h"

#include <fmt/format.h>

#include "wire/json/value.h"
#include "wire/json/writer.h"

namespace sosie::cases {
namespace {

constexpr std::size_t shown_bytes = 200;

std::string text_of(const json::Value& object, std::string_view key) {
  const auto* const member = object.find(key);
  const auto* const text = member == nullptr ? nullptr : member->text();
  return text == nullptr ? std::string() : *text;
}

std::optional<std::int64_t> whole_of(const json::Value& object, std::string_view key) {
  const auto* const member = object.find(key);
  if (member == nullptr) return std::nullopt;
  const auto* const number = std::get_if<std::int64_t>(&member->value);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

}  // namespace

std::string to_json(const Answer& answer) {
  json::Writer out;
  out.begin_object();
  out.member("finding", answer.finding);
  out.member("at_us", answer.at.time_since_epoch().count());
  out.member("who", answer.who);
  out.member("right", answer.is_right);
  if (answer.kind) out.member("kind", to_text(*answer.kind));
  if (!answer.comment.empty()) out.member("comment", answer.comment);
  out.end_object();
  return out.take();
}

Result<Answer> answer_from_json(std::string_view text) {
  const auto parsed = json::parse(text);
  const auto damaged = [&] {
    return Error{Errc::corrupt, fmt::format("an answer to a finding: read {}, expected its number, "
                                            "its time and whether it was right",
                                            text.substr(0, shown_bytes))};
  };
  if (!parsed) return damaged();
  const auto finding = whole_of(*parsed, "finding");
  const auto at = whole_of(*parsed, "at_us");
  const auto* const right = parsed->find("right");
  if (!finding || *finding < 0 || !at || right == nullptr || right->flag() == nullptr) {
    return damaged();
  }
  return Answer{.finding = static_cast<std::uint64_t>(*finding),
                .at = Timestamp(Duration(*at)),
                .who = text_of(*parsed, "who"),
                .is_right = *right->flag(),
                .kind = kind_from_text(text_of(*parsed, "kind")),
                .comment = text_of(*parsed, "comment")};
}

}  // namespace sosie::cases
