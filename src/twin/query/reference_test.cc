#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/random.h"
#include "twin/model/date.h"
#include "twin/model/parse.h"
#include "twin/query/filter.h"

// Random queries on random entities, against an evaluator that knows nothing of Value, Text or
// Statement: it gathers everything that a path leads to in a list, and then looks at the list.

namespace sosie::ngsi {
namespace {

/// A JSON value, or a date, in the plainest form.
struct Plain {
  char kind = '0';  ///< 0 null, b boolean, n number, s text, d date (number: seconds), a array, o
  double number = 0;
  std::string text{};
  std::vector<Plain> items{};
  std::map<std::string, Plain> members{};
};

struct PlainAttribute {
  Plain value{};
  std::map<std::string, Plain> metadata{};
};

using PlainEntity = std::map<std::string, PlainAttribute>;

struct Asked {
  std::vector<std::string> path{};
  std::string test{};  ///< "", "!", "==", "!=", ">", "<", ">=", "<=", "..", "!.."
  std::vector<Plain> operands{};
};

// ---- making them up ----

const std::vector<std::string> names = {"a", "b", "c.d", "e"};
const std::vector<std::string> texts = {"", "x", "xy", "10", "true", "2020-01-02", "p,q", "u;v"};

std::string any_of(Random& random, const std::vector<std::string>& from) {
  return from[random.below(from.size())];
}

Plain random_date(Random& random) {
  return {.kind = 'd', .number = 1577836800.0 + 86400.0 * static_cast<double>(random.below(4))};
}

Plain random_plain(Random& random, int level) {
  Plain plain{.kind = "0bnnsssao"[random.below(level > 0 ? 9 : 7)]};
  plain.number = plain.kind == 'b' ? static_cast<double>(random.below(2))
                                   : static_cast<double>(random.below(9)) / 2 - 1;
  plain.text = any_of(random, texts);
  for (auto n = random.below(4); plain.kind == 'a' && n > 0; --n) {
    plain.items.push_back(random_plain(random, level - 1));
  }
  for (auto n = random.below(4); plain.kind == 'o' && n > 0; --n) {
    plain.members[any_of(random, names)] = random_plain(random, level - 1);
  }
  return plain;
}

PlainEntity random_entity(Random& random) {
  PlainEntity entity;
  for (const std::string& name : names) {
    if (random.below(5) == 0) continue;
    PlainAttribute& attribute = entity[name];
    attribute.value = random.below(6) == 0 ? random_date(random) : random_plain(random, 3);
    for (auto n = random.below(3); n > 0; --n) {
      attribute.metadata[any_of(random, names)] =
          random.below(5) == 0 ? random_date(random) : random_plain(random, 2);
    }
  }
  return entity;
}

Plain random_operand(Random& random) {
  return random.below(6) == 0 ? random_date(random) : random_plain(random, 0);
}

Asked random_question(Random& random, std::size_t least_names) {
  static const std::vector<std::string> tests = {"",  "!",  "==", "==", "!=", ">",
                                                 "<", ">=", "<=", "..", "!.."};
  Asked asked{.path = {}, .test = any_of(random, tests), .operands = {}};
  const std::size_t length = least_names + random.below(3);
  while (asked.path.size() < length) asked.path.push_back(any_of(random, names));
  const bool is_list = asked.test == "==" || asked.test == "!=";
  for (auto n = is_list ? 1 + random.below(3) : 1; n > 0; --n) {
    asked.operands.push_back(random_operand(random));
  }
  const char kind = asked.operands[0].kind;
  const bool is_ordered = kind == 'n' || kind == 's' || kind == 'd';
  if (!is_list && !is_ordered) asked.operands[0] = {.kind = 'n', .number = 1};
  if (asked.test.ends_with("..")) {
    do {
      asked.operands.resize(1);
      asked.operands.push_back(random_operand(random));
    } while (asked.operands[1].kind != asked.operands[0].kind);
  }
  return asked;
}

// ---- writing them down ----

std::string date_text(const Plain& date) {
  return print_date(Timestamp(std::chrono::seconds(static_cast<std::int64_t>(date.number))));
}

std::string json_of(const Plain& plain) {
  std::string out;
  switch (plain.kind) {
    case 'b':
      return plain.number > 0 ? "true" : "false";
    case 'n':
      return fmt::format("{}", plain.number);
    case 's':
      return '"' + plain.text + '"';
    case 'd':
      return '"' + date_text(plain) + '"';
    case 'a':
      for (const Plain& item : plain.items) out += (out.empty() ? "" : ",") + json_of(item);
      return '[' + out + ']';
    case 'o':
      for (const auto& [key, value] : plain.members) {
        out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",", key, json_of(value));
      }
      return '{' + out + '}';
    default:
      return "null";
  }
}

std::string typed_json(const Plain& plain) {
  return fmt::format(R"("type":"{}","value":{})",
                     plain.kind == 'd' ? "DateTime" : "TextUnrestricted", json_of(plain));
}

Entity entity_of(const PlainEntity& plain) {
  std::string body = R"({"id":"E")";
  for (const auto& [name, attribute] : plain) {
    std::string metadata;
    for (const auto& [key, value] : attribute.metadata) {
      metadata +=
          fmt::format("{}\"{}\":{{{}}}", metadata.empty() ? "" : ",", key, typed_json(value));
    }
    body += fmt::format(",\"{}\":{{{},\"metadata\":{{{}}}}}", name, typed_json(attribute.value),
                        metadata);
  }
  const auto parsed = parse_json(body + "}");
  REQUIRE(parsed);
  const auto patch = read_entity(*parsed, Form::normalized);
  REQUIRE(patch);
  Entity entity{.id = patch->id};
  for (const auto& one : patch->attributes) entity.attributes.push_back(to_attribute(one, {}));
  return entity;
}

std::string operand_text(const Plain& operand) {
  if (operand.kind == 's') return "'" + operand.text + "'";
  return operand.kind == 'd' ? date_text(operand) : json_of(operand);
}

std::string query_of(const Asked& asked) {
  std::string path;
  for (const std::string& name : asked.path) {
    path += (path.empty() ? "" : ".") + (name == "c.d" ? "'c.d'" : name);
  }
  if (asked.test == "") return path;
  if (asked.test == "!") return "!" + path;
  if (asked.test.ends_with("..")) {
    return path + (asked.test == ".." ? "==" : "!=") + operand_text(asked.operands[0]) + ".." +
           operand_text(asked.operands[1]);
  }
  std::string list;
  for (const Plain& operand : asked.operands) {
    list += (list.empty() ? "" : ",") + operand_text(operand);
  }
  return path + asked.test + list;
}

// ---- answering slowly ----

void gather(const Plain& at, std::vector<std::string> path, std::vector<Plain>& found) {
  if (path.empty()) {
    found.push_back(at);
    return;
  }
  const std::vector<std::string> rest(path.begin() + 1, path.end());
  if (at.kind == 'o' && at.members.contains(path[0])) gather(at.members.at(path[0]), rest, found);
  for (const Plain& item : at.items) {
    if (at.kind == 'a' && item.kind == 'o') gather(item, path, found);
  }
}

bool is_equal(const Plain& a, const Plain& b) {
  return a.kind == b.kind && a.kind != 'a' && a.kind != 'o' &&
         (a.kind == '0' || (a.kind == 's' ? a.text == b.text : a.number == b.number));
}

bool is_less(const Plain& a, const Plain& b) {
  return a.kind == b.kind && (a.kind == 's' ? a.text < b.text : a.number < b.number);
}

bool passes(const std::string& test, const Plain& value, const std::vector<Plain>& operands) {
  const Plain& first = operands.front();
  const bool is_same_kind = value.kind == first.kind;
  if (test == ">") return is_less(first, value);
  if (test == "<") return is_less(value, first);
  if (test == ">=") return is_same_kind && !is_less(value, first);
  if (test == "<=") return is_same_kind && !is_less(first, value);
  if (test == "..") {
    return is_same_kind && !is_less(value, first) && !is_less(operands.back(), value);
  }
  bool any = false;
  for (const Plain& operand : operands) any = any || is_equal(value, operand);
  return any;
}

bool answer(const Asked& asked, const PlainEntity& entity, bool of_metadata) {
  std::vector<Plain> found;
  std::vector<std::string> path(asked.path.begin() + (of_metadata ? 2 : 1), asked.path.end());
  if (entity.contains(asked.path[0])) {
    const PlainAttribute& attribute = entity.at(asked.path[0]);
    if (!of_metadata) {
      gather(attribute.value, path, found);
    } else if (attribute.metadata.contains(asked.path[1])) {
      gather(attribute.metadata.at(asked.path[1]), path, found);
    }
  }
  if (asked.test == "") return !found.empty();
  if (asked.test == "!") return found.empty();
  if (found.empty()) return false;
  const bool is_negative = asked.test.starts_with('!');
  const std::string test = asked.test == "!=" ? "==" : asked.test == "!.." ? ".." : asked.test;
  std::vector<Plain> looked_at = found;
  for (const Plain& value : found) {
    looked_at.insert(looked_at.end(), value.items.begin(), value.items.end());
  }
  bool any = false;
  for (const Plain& value : looked_at) any = any || passes(test, value, asked.operands);
  return any != is_negative;
}

void compare_with_reference(bool of_metadata, std::uint64_t seed) {
  Random random(seed);
  int yes = 0;
  int wrong = 0;
  constexpr int rounds = 40000;
  for (int i = 0; i < rounds; ++i) {
    const PlainEntity plain = random_entity(random);
    const Asked first = random_question(random, of_metadata ? 2 : 1);
    const Asked second = random_question(random, of_metadata ? 2 : 1);
    const bool is_alone = random.below(3) > 0;
    const std::string text = query_of(first) + (is_alone ? "" : ";" + query_of(second));
    const auto filter = of_metadata ? Filter::mq(text) : Filter::q(text);
    CAPTURE(text);
    REQUIRE(filter);
    const bool expected =
        answer(first, plain, of_metadata) && (is_alone || answer(second, plain, of_metadata));
    const bool got = filter->matches(entity_of(plain));
    yes += expected ? 1 : 0;
    if (got != expected && ++wrong <= 5) {
      std::string shown;
      for (const auto& [name, attribute] : plain) {
        shown += fmt::format("{}={} ", name, json_of(attribute.value));
      }
      CAPTURE(shown);
      CHECK(got == expected);
    }
  }
  CHECK(wrong == 0);
  CHECK(yes > rounds / 20);  // it would prove little if nothing ever matched
  CHECK(yes < rounds / 2);
}

TEST_CASE("filter: q as a slow evaluator has it" * doctest::test_suite("long")) {
  compare_with_reference(false, 1);
}
TEST_CASE("filter: mq as a slow evaluator has it" * doctest::test_suite("long")) {
  compare_with_reference(true, 2);
}

}  // namespace
}  // namespace sosie::ngsi
