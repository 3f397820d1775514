#include "alerts/notice.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "alerts/parts.h"

namespace sosie::alerts {
namespace {

constexpr std::size_t most_notices = 1000;
constexpr std::array<std::string_view, 4> source_names{"ngsi", "sosie", "alertmanager", "json"};

void read_object(const json::Value& body, std::vector<Notice>& notices) {
  if (is_ngsi(body)) {
    for (auto& notice : read_ngsi(body)) notices.push_back(std::move(notice));
  } else if (is_sosie(body)) {
    notices.push_back(read_sosie(body));
  } else if (is_alertmanager(body)) {
    const auto* const receiver = body.find("receiver");
    for (const auto& alert : *body.find("alerts")->list()) {
      notices.push_back(read_alertmanager_alert(alert, receiver ? shown(*receiver) : ""));
    }
  } else if (is_alertmanager_alert(body)) {
    notices.push_back(read_alertmanager_alert(body, ""));
  } else {
    notices.push_back(read_any(body));
  }
}

void cut_raw(Notice& notice) {
  if (notice.raw.size() > longest_raw) notice.raw = tidy(notice.raw, longest_raw);
}

}  // namespace

std::string_view to_text(Source source) {
  return source_names.at(static_cast<std::size_t>(source));
}

std::optional<Source> source_from_text(std::string_view text) {
  const auto* const found = std::ranges::find(source_names, text);
  if (found == source_names.end()) return std::nullopt;
  return static_cast<Source>(found - source_names.begin());
}

Result<std::vector<Notice>> read_notices(std::string_view body) {
  const auto value = TRY(json::parse(body));
  const auto* const list = value.list();
  if (list == nullptr && value.object() == nullptr) {
    return Error{Errc::invalid,
                 fmt::format("{} was read; expected an object or a list of objects", value.kind())};
  }
  std::vector<Notice> notices;
  if (list == nullptr) read_object(value, notices);
  if (list != nullptr) {
    for (const auto& element : *list) {
      if (element.object() == nullptr) {
        return Error{Errc::invalid,
                     fmt::format("{} was read in the list; expected objects", element.kind())};
      }
      read_object(element, notices);
    }
  }
  if (notices.empty()) return Error{Errc::invalid, "there is nothing in it"};
  if (notices.size() > most_notices) {
    return Error{Errc::invalid, fmt::format("{} alerts in one body; at most {} are taken",
                                            notices.size(), most_notices)};
  }
  std::ranges::for_each(notices, cut_raw);
  return notices;
}

}  // namespace sosie::alerts
