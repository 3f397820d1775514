#include "wire/sparkplug/host.h"

#include <algorithm>

namespace sosie::sparkplug {
namespace {

constexpr auto tick = std::chrono::milliseconds(1);  ///< of Sparkplug's clock
constexpr std::string_view session_number = "bdSeq";
constexpr std::string_view commands = "Node Control/";  ///< what may be written to it, no readings

std::optional<std::uint64_t> session_of(const Payload& payload) {
  for (const auto& metric : payload.metrics) {
    if (metric.name == session_number) return metric.whole;
  }
  return std::nullopt;
}

bool is_reading(const Metric& metric) {
  return metric.name && *metric.name != session_number && !metric.name->starts_with(commands);
}

Error unborn(std::string_view node, std::string_view device) {
  return {Errc::invalid, fmt::format("'{}{}{}' has not told of itself yet; it is asked to", node,
                                     device.empty() ? "" : "/", device)};
}

}  // namespace

Host::Node& Host::node_of(const Topic& topic) {
  return nodes_[fmt::format("{}/{}", topic.group, topic.node)];
}

void Host::ask(const Topic& topic, Node& node, Timestamp now, Changes& changes) const {
  if (node.asked && now - *node.asked < patience_) return;
  node.asked = now;
  changes.wanted.push_back({std::string(topic.group), std::string(topic.node)});
}

/// Numbers go from 0 to 255 and round again, over a node and its devices together. What is told
/// behind a gap still counts: its values are true, and what was lost comes with the next birth.
void Host::expect(const Topic& topic, Node& node, Timestamp now, Changes& changes) {
  if (!payload_.seq) return;
  const auto seq = static_cast<std::uint8_t>(*payload_.seq);
  if (seq != node.next) ask(topic, node, now, changes);
  node.next = static_cast<std::uint8_t>(seq + 1);
}

void Host::die(Unit& unit, Timestamp now, Changes& changes) {
  if (!unit.is_alive) return;
  unit.is_alive = false;
  for (const auto& [name, known] : unit.by_name) {
    auto& last = last_[known.channel];
    if (!last.value || last.is_gone) continue;
    last.is_gone = true;
    last.at = std::max(now, last.at + tick);
    changes.gone.push_back({known.channel, *last.value, last.at});
  }
}

void Host::die(Node& node, Timestamp now, Changes& changes) {
  node.is_alive = false;
  for (auto& [name, unit] : node.units) die(unit, now, changes);
}

Host::Known& Host::know(const Topic& topic, Unit& unit, const Metric& metric) {
  const auto known = unit.by_name.find(*metric.name);
  if (known != unit.by_name.end()) return known->second;
  channels_.push_back({std::string(topic.group), std::string(topic.node), std::string(topic.device),
                       std::string(*metric.name)});
  last_.emplace_back();
  return unit.by_name.emplace(std::string(*metric.name), Known{channels_.size() - 1, Type::unknown})
      .first->second;
}

void Host::take_value(const Known& known, const Metric& metric, Timestamp now, Changes& changes) {
  const auto number = metric.number(known.type);
  if (!number) return;
  Timestamp at = metric.at ? *metric.at : payload_.at.value_or(now);
  auto& last = last_[known.channel];
  // A birth tells of values again that may be old: they hold from now on.
  if (last.is_gone && !metric.is_historical) at = std::max(at, last.at + tick);
  if (!metric.is_historical && at >= last.at) last = {number, at, false};
  changes.values.push_back({known.channel, *number, at});
}

/// A birth names all there is, with its aliases and its values.
Result<void> Host::be_born(const Topic& topic, Unit& unit, Timestamp now, Changes& changes) {
  unit.is_alive = true;
  unit.by_alias.clear();
  bool is_nameless = false;
  for (const auto& metric : payload_.metrics) {
    is_nameless = is_nameless || !metric.name;
    if (!is_reading(metric)) continue;
    auto& known = know(topic, unit, metric);
    known.type = metric.type;
    if (metric.alias) unit.by_alias[*metric.alias] = known;
    take_value(known, metric, now, changes);
  }
  if (!is_nameless) return {};
  return Error{Errc::invalid, "a metric of the birth has no name"};
}

Result<void> Host::take_data(const Topic& topic, Node& node, Timestamp now, Changes& changes) {
  const auto unit = node.units.find(topic.device);
  if (!node.is_alive || unit == node.units.end() || !unit->second.is_alive) {
    ask(topic, node, now, changes);
    return unborn(topic.node, topic.device);
  }
  expect(topic, node, now, changes);
  std::size_t strangers = 0;
  for (const auto& metric : payload_.metrics) {
    const Known* known = nullptr;
    if (metric.alias) {
      const auto found = unit->second.by_alias.find(*metric.alias);
      if (found != unit->second.by_alias.end()) known = &found->second;
    } else if (metric.name) {
      if (!is_reading(metric)) continue;
      const auto found = unit->second.by_name.find(*metric.name);
      if (found != unit->second.by_name.end()) known = &found->second;
    }
    if (known == nullptr) {
      ++strangers;
    } else {
      take_value(*known, metric, now, changes);
    }
  }
  if (strangers == 0) return {};
  ask(topic, node, now, changes);
  return Error{Errc::invalid,
               fmt::format("{} of {} metrics are none that its birth told of; it is asked to tell "
                           "again",
                           strangers, payload_.metrics.size())};
}

Result<void> Host::take(const Topic& topic, std::string_view payload, Timestamp now,
                        Changes& changes) {
  if (topic.verb == Verb::other) return {};
  TRY(read_payload(payload, payload_));
  Node& node = node_of(topic);
  switch (topic.verb) {
    case Verb::nbirth: {
      // Its devices are dead until they are born again (Sparkplug 3.0, 5.5); here without delay, as
      // a rule, so that they are out of date for a tick.
      for (auto& [name, unit] : node.units) {
        if (!name.empty()) die(unit, Timestamp(), changes);
      }
      node.is_alive = true;
      node.birth = session_of(payload_);
      node.next = static_cast<std::uint8_t>(payload_.seq.value_or(0) + 1);
      return be_born(topic, node.units[""], now, changes);
    }
    case Verb::ndeath:
      // The will of an earlier connection may come behind the new birth.
      if (node.birth && session_of(payload_) && session_of(payload_) != node.birth) return {};
      die(node, now, changes);
      return {};
    case Verb::dbirth:
      if (!node.is_alive) {
        ask(topic, node, now, changes);
        return unborn(topic.node, {});
      }
      expect(topic, node, now, changes);
      return be_born(topic, node.units[std::string(topic.device)], now, changes);
    case Verb::ddeath:
      expect(topic, node, now, changes);
      die(node.units[std::string(topic.device)], now, changes);
      return {};
    default:
      return take_data(topic, node, now, changes);
  }
}

}  // namespace sosie::sparkplug
