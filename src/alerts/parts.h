#pragma once

// What the readers of this room share.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "alerts/notice.h"
#include "wire/json/value.h"

namespace sosie::alerts {

constexpr std::size_t longest_text = 1000;   ///< bytes of a message
constexpr std::size_t longest_name = 200;    ///< of a name or a value
constexpr std::size_t longest_raw = 32'768;  ///< as kept
constexpr std::size_t most_values = 20;

/// `text` without line ends and control characters, cut between characters.
std::string tidy(std::string_view text, std::size_t bytes);

/// A value as JSON again.
std::string to_json(const json::Value& value);
/// A text as it is, anything else as JSON; cut.
std::string shown(const json::Value& value);

/// The first of these members that is there and holds anything; its value shown.
std::string first_of(const json::Value& object, std::initializer_list<std::string_view> names);

/// "critical", "warning", "2", "info" …; none: a word we do not know.
std::optional<Priority> priority_of(std::string_view word);

/// ISO 8601, or a number: seconds, or milliseconds where it is too large for them.
std::optional<Timestamp> time_of(const json::Value& value);

// The readers. The object is of the shape that its name says.

/// True: {"subscriptionId", "data"} or {"id", "type", …}.
bool is_ngsi(const json::Value& body);
std::vector<Notice> read_ngsi(const json::Value& body);

bool is_sosie(const json::Value& body);
Notice read_sosie(const json::Value& body);

/// {"alerts": [{"labels"…}]}, and an element of such a list.
bool is_alertmanager(const json::Value& body);
bool is_alertmanager_alert(const json::Value& alert);
Notice read_alertmanager_alert(const json::Value& alert, std::string_view receiver);

Notice read_any(const json::Value& object);

}  // namespace sosie::alerts
