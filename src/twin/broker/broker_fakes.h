#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "twin/broker/broker.h"

namespace sosie::ngsi {

/// For tests: keeps everything in memory, as committed as it gets.
class MemoryKeeper final : public Keeper {
 public:
  Ticket keep(Change change) override {
    const std::scoped_lock lock(mutex_);
    for (auto& document : change.documents) {
      const std::pair key(document.kind, document.key);
      if (document.body) {
        documents[key] = *document.body;
      } else {
        documents.erase(key);
      }
    }
    readings.insert(readings.end(), change.readings.begin(), change.readings.end());
    earlier.insert(earlier.end(), change.earlier.begin(), change.earlier.end());
    notifications.insert(notifications.end(), change.notifications.begin(),
                         change.notifications.end());
    return ++tickets;
  }
  bool brings_back(std::span<Measured> /*readings*/) override { return brings_numbers_back; }

  bool brings_numbers_back = false;

  std::map<std::pair<DocumentKind, std::string>, std::string> documents;
  std::vector<Measured> readings;
  std::vector<EarlierState> earlier;
  std::vector<Notification> notifications;
  Ticket tickets = 0;

 private:
  std::mutex mutex_;
};

/// For tests: answers as it is told to, and remembers what it was asked.
class ScriptedForwarder final : public Forwarder {
 public:
  Result<ForwardAnswer> ask(const ForwardRequest& request) override {
    const std::scoped_lock lock(mutex_);
    asked.push_back(request);
    if (answer) return answer(request);
    return Error{Errc::unavailable, "Couldn't connect to server"};
  }

  std::function<Result<ForwardAnswer>(const ForwardRequest&)> answer;
  std::vector<ForwardRequest> asked;

 private:
  std::mutex mutex_;
};

}  // namespace sosie::ngsi
