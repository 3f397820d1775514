// The cases of tests/ngsi, run in this process; tests/ngsi/test_conformance.py runs the same ones
// against a started program.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "base/text.h"
#include "twin/broker/broker.h"
#include "twin/broker/broker_fakes.h"
#include "twin/broker/case_file.h"

namespace sosie::ngsi {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view receiver = "receiver:1028";

Options options_of(const Case& one) {
  Options options;
  options.version = "1.2.3";
  for (const auto& word : one.options) {
    if (word == "multiservice") options.multiservice = true;
    if (word == "cors") options.cors_origin = "__ALL";
    if (word == "disableCustomNotifications") options.custom_notifications = false;
  }
  return options;
}

/// One broker and what a case has seen of it.
class Run {
 public:
  explicit Run(const Case& one) : broker_(options_of(one), clock_, keeper_, forwarder_) {
    broker_.start();
    caught_["receiver"] = receiver;
  }

  void step(const CaseStep& one) {
    CAPTURE(one.line);
    CAPTURE(one.first);
    if (one.first == "NOTIFICATION none") {
      CHECK(seen_.size() == keeper_.notifications.size());
    } else if (one.first == "NOTIFICATION") {
      notification(one);
    } else if (one.first.starts_with("ADVANCE ")) {
      const auto seconds = to_integer(std::string_view(one.first).substr(8)).value_or(0);
      clock_.set(clock_.now() + std::chrono::seconds(seconds));
      broker_.tick();
    } else {
      exchange(one);
    }
  }

 private:
  Request request_of(const CaseStep& one) const {
    Request request;
    const auto blank = one.first.find(' ');
    const auto target = filled(std::string_view(one.first).substr(blank + 1), caught_);
    const auto question = target.find('?');
    request.method = one.first.substr(0, blank);
    request.path = target.substr(0, question);
    if (question != std::string::npos) request.query = target.substr(question + 1);
    request.body = filled(one.body, caught_);
    bool says_length = false;
    for (const auto& header : one.headers) {
      const bool is_length = header.name == "Content-Length";
      says_length = says_length || is_length;
      if (is_length && header.value == "none") continue;
      request.headers.push_back({header.name, filled(header.value, caught_)});
    }
    if (!says_length && !request.body.empty()) {
      request.headers.push_back({"Content-Length", std::to_string(request.body.size())});
    }
    return request;
  }

  void exchange(const CaseStep& one) {
    const Answer answer = broker_.handle(request_of(one));
    CAPTURE(answer.body);
    CHECK(std::to_string(answer.status) == one.expected);
    check_headers(one, answer.headers);
    if (one.expected_body) CHECK(difference(*one.expected_body, answer.body, caught_) == "");
  }

  void notification(const CaseStep& one) {
    std::size_t index = 0;
    while (index < keeper_.notifications.size() &&
           (seen_.contains(index) ||
            !agree(one.expected, line_of(keeper_.notifications[index]), caught_))) {
      ++index;
    }
    REQUIRE(index < keeper_.notifications.size());
    seen_.insert(index);
    const Notification& sent = keeper_.notifications[index];
    CAPTURE(sent.body);
    check_headers(one, sent.headers);
    if (one.expected_body) CHECK(difference(*one.expected_body, sent.body, caught_) == "");
    broker_.delivered({.subscription = sent.subscription,
                       .number = sent.number,
                       .at = clock_.now(),
                       .is_success = true,
                       .status = 200});
  }

  static std::string line_of(const Notification& sent) {
    return sent.transport == Notification::Transport::mqtt ? "MQTT " + sent.topic
                                                           : sent.method + " " + path_of(sent.url);
  }

  static std::string path_of(const std::string& url) {
    const auto host = url.find("//");
    const auto slash = url.find('/', host == std::string::npos ? 0 : host + 2);
    return slash == std::string::npos ? "/" : url.substr(slash);
  }

  void check_headers(const CaseStep& one, const Headers& headers) {
    for (const auto& [name, value] : one.expected_headers) {
      CAPTURE(name);
      const std::string got(find_header(headers, name));
      CAPTURE(got);
      const bool is_right =
          value == "none" ? !has_header(headers, name) : agree(value, got, caught_);
      CHECK(is_right);
    }
  }

  ManualClock clock_{Timestamp(std::chrono::seconds(1795190400))};
  MemoryKeeper keeper_;
  ScriptedForwarder forwarder_;
  Broker broker_;
  Caught caught_;
  std::set<std::size_t> seen_;
};

std::string content(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::vector<fs::path> case_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(SOSIE_ROOT "/tests/ngsi")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

TEST_CASE("conformance: the cases of tests/ngsi") {
  const auto files = case_files();
  REQUIRE_FALSE(files.empty());
  for (const auto& file : files) {
    const std::string name = file.parent_path().filename() / file.filename();
    CAPTURE(name);
    const auto one = read_case(content(file));
    REQUIRE(one);
    Run run(*one);
    for (const auto& step : one->steps) run.step(step);
  }
}

}  // namespace sosie::ngsi
