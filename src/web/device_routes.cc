#include <algorithm>
#include <cctype>
#include <functional>
#include <iterator>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

using Index = DeviceTable::Index;

constexpr std::int64_t usual_devices = 100;
constexpr std::int64_t most_devices = 1000;
constexpr std::int64_t most_devices_before = 10'000'000;
constexpr std::size_t most_values = 16;  ///< of a device in the list; its page has all of them
constexpr std::size_t most_series_of_one = 64;  ///< whose findings are looked for
constexpr std::size_t most_findings = 20;
constexpr double known_last = std::numeric_limits<double>::infinity();

/// What a list of devices is asked for.
struct Wish {
  std::string q;  ///< part of the name or of the kind
  std::string sort = "name";
  bool is_descending = false;
  bool only_alarmed = false;
  std::size_t offset = 0;
  std::size_t limit = 0;
};

Result<Wish> read_wish(const Request& request) {
  Wish wish;
  const auto offset = TRY(ask_integer(request, "offset", 0, 0, most_devices_before));
  const auto limit = TRY(ask_integer(request, "limit", usual_devices, 1, most_devices));
  wish.offset = static_cast<std::size_t>(offset);
  wish.limit = static_cast<std::size_t>(limit);
  wish.q = request.parameter("q").value_or("");
  wish.sort = request.parameter("sort").value_or("name");
  wish.is_descending = wish.sort.starts_with('-');
  if (wish.is_descending) wish.sort.erase(0, 1);
  wish.only_alarmed = request.parameter("alarmed") == "true";
  return wish;
}

const SeriesInfo& first_info(const Api& api, const DeviceTable& table, Index device) {
  return api.engine.series()[{table[device].first}];
}

void write_alarm(json::Writer& out, DeviceBoard::Trouble trouble) {
  out.key("alarm");
  if (trouble.priority == 0) return out.value(nullptr);
  out.begin_object();
  out.member("priority", to_text(static_cast<Priority>(trouble.priority)));
  out.member("acknowledged", trouble.acknowledged);
  out.end_object();
}

void write_head(json::Writer& out, const Api& api, const DeviceBoard& board, Index device) {
  const auto& info = first_info(api, board.table(), device);
  out.member("id", board.table()[device].name);
  out.member("index", device);
  out.member("kind", info.stage);
  out.key("kind_name");
  write(out, info.stage_name);
  out.member("has_place", board.table()[device].has_place());
  out.member("at_ms", to_ms(board.newest(device)));
  write_alarm(out, board.trouble(device));
}

void write_row(json::Writer& out, const Api& api, const DeviceBoard& board, Index device) {
  out.begin_object();
  write_head(out, api, board, device);
  out.key("values");
  out.begin_array();
  const auto& known = board.table()[device];
  std::size_t left = most_values;
  for (const SeriesId id : board.table().series_of(device)) {
    if (id.index == known.latitude || id.index == known.longitude) continue;
    if (left-- == 0) break;
    const auto& info = api.engine.series()[id];
    out.begin_object();
    out.member("series", id.index);
    out.member("attribute", info.attribute);
    out.key("quantity");
    write(out, info.quantity);
    out.member("unit", info.unit);
    out.member("decimals", decimals_of(info));
    write_members(out, api.engine.latest().read(id));
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

/// What devices are put in order by: by a number first, and by name where that is the same.
class Order {
 public:
  static Result<Order> create(const Api& api, const DeviceBoard& board, const Wish& wish) {
    Order order(api, board, wish);
    const auto& sort = wish.sort;
    if (sort == "name" || sort == "alarm" || sort == "age") return order;
    order.attribute_ = board.table().attribute(sort);
    if (order.attribute_) return order;
    return Error{Errc::invalid, fmt::format("'sort' is '{}'; expected name, alarm, age or an "
                                            "attribute of the devices",
                                            sort.substr(0, 80))};
  }

  /// The smaller the earlier; what is not known comes last in both directions.
  double key(Index device) const {
    const double number = plain_key(device);
    return descending_ && number != known_last ? -number : number;
  }

  bool is_by_name_down() const { return descending_ && sort_ == "name"; }

 private:
  Order(const Api& api, const DeviceBoard& board, const Wish& wish)
      : latest_(&api.engine.latest()),
        board_(&board),
        sort_(wish.sort),
        descending_(wish.is_descending) {}

  double plain_key(Index device) const {
    if (attribute_) {
      const auto id = board_->table().series_of(device, *attribute_);
      const auto reading = id ? latest_->read(*id) : std::nullopt;
      return reading ? reading->value : known_last;
    }
    if (sort_ == "age") {
      const auto at = board_->newest(device);
      return at ? static_cast<double>(to_ms(*at)) : known_last;
    }
    if (sort_ != "alarm") return 0;
    const auto trouble = board_->trouble(device);
    return trouble.priority == 0 ? known_last : trouble.priority + (trouble.acknowledged ? 0.5 : 0);
  }

  const Latest* latest_;
  const DeviceBoard* board_;
  std::string sort_;
  bool descending_;
  std::optional<std::uint16_t> attribute_;
};

struct Ranked {
  double key = 0;
  Index device = 0;
};

bool is_wanted(const Api& api, const DeviceBoard& board, const Wish& wish, Index device) {
  if (wish.only_alarmed && board.trouble(device).priority == 0) return false;
  if (wish.q.empty()) return true;
  const auto contains = [&wish](std::string_view text) {
    return std::ranges::search(text, wish.q, [](unsigned char a, unsigned char b) {
             return std::tolower(a) == std::tolower(b);
           }).begin() != text.end();
  };
  if (contains(board.table()[device].name)) return true;
  const auto& info = first_info(api, board.table(), device);
  return contains(info.stage_name.en) || contains(info.stage_name.fr);
}

/// Those that are wanted; the first `offset + limit` of them in order.
std::vector<Ranked> ranked(const Api& api, const DeviceBoard& board, const Wish& wish,
                           const Order& order) {
  std::vector<Ranked> found;
  for (Index i = 0; i < board.table().size(); ++i) {
    if (is_wanted(api, board, wish, i)) found.push_back({order.key(i), i});
  }
  const bool down = order.is_by_name_down();
  const auto earlier = [&](const Ranked& a, const Ranked& b) {
    if (a.key != b.key) return a.key < b.key;
    const auto& one = board.table()[a.device].name;
    const auto& other = board.table()[b.device].name;
    return down ? other < one : one < other;
  };
  const auto end = std::min(found.size(), wish.offset + wish.limit);
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(end), earlier);
  return found;
}

Result<std::string> list_devices(Api& api, const Request& request) {
  const auto wish = TRY(read_wish(request));
  return api.with_devices([&](const DeviceBoard& board) -> Result<std::string> {
    const auto order = TRY(Order::create(api, board, wish));
    const auto found = ranked(api, board, wish, order);
    json::Writer out;
    out.begin_object();
    out.key("devices");
    out.begin_array();
    const auto end = std::min(found.size(), wish.offset + wish.limit);
    for (std::size_t i = wish.offset; i < end; ++i) write_row(out, api, board, found[i].device);
    out.end_array();
    out.member("found", found.size());
    out.member("total", board.table().size());
    out.member("placed", board.table().placed().size());
    out.end_object();
    return out.take();
  });
}

/// A device by its name or, as the map knows it, by "index:7".
Result<Index> read_device(const DeviceTable& table, std::string_view text) {
  if (const auto named = table.find(text)) return *named;
  constexpr std::string_view prefix = "index:";
  if (text.starts_with(prefix)) {
    const auto number = TRY(read_id(text.substr(prefix.size())));
    if (number < table.size()) return static_cast<Index>(number);
  }
  return Error{Errc::not_found, fmt::format("no device '{}'", text.substr(0, 80))};
}

/// The newest that have one of its series among their suspects.
Result<std::vector<Finding>> findings_of(const Api& api, const std::vector<SeriesId>& series) {
  std::vector<Finding> found;
  for (std::size_t i = 0; i < std::min(series.size(), most_series_of_one); ++i) {
    FindingQuery query;
    query.series = series[i];
    query.limit = most_findings;
    auto page = TRY(api.engine.store().findings(query));
    std::ranges::move(page.findings, std::back_inserter(found));
  }
  std::ranges::sort(found, std::greater(), &Finding::id);
  const auto twice = std::ranges::unique(found, {}, &Finding::id);
  found.erase(twice.begin(), twice.end());
  if (found.size() > most_findings) found.resize(most_findings);
  return found;
}

void write_series(json::Writer& out, const Api& api, const std::vector<SeriesId>& series) {
  out.key("series");
  out.begin_array();
  for (const SeriesId id : series) {
    out.begin_object();
    write_members(out, id, api.engine.series()[id]);
    out.key("latest");
    out.begin_object();
    write_members(out, api.engine.latest().read(id));
    out.end_object();
    out.end_object();
  }
  out.end_array();
}

void write_alarms(json::Writer& out, const Api& api, const std::vector<SeriesId>& series) {
  out.key("alarms");
  out.begin_array();
  for (const Alarm& alarm : api.engine.live_alarms()) {
    const bool is_its = alarm.series && std::ranges::find(series, *alarm.series) != series.end();
    if (is_its) write(out, alarm, api.engine.series());
  }
  out.end_array();
}

void write_position(json::Writer& out, const DeviceTable::Device& device) {
  out.key("position");
  if (!device.has_place()) return out.value(nullptr);
  out.begin_object();
  out.member("latitude", device.latitude);
  out.member("longitude", device.longitude);
  out.end_object();
}

Result<std::string> describe_device(Api& api, std::string_view name) {
  json::Writer out;
  out.begin_object();
  const auto series = TRY(api.with_devices([&](const DeviceBoard& board) {
    const auto device = read_device(board.table(), name);
    if (!device) return Result<std::vector<SeriesId>>(device.error());
    write_head(out, api, board, *device);
    write_position(out, board.table()[*device]);
    return Result<std::vector<SeriesId>>(board.table().series_of(*device));
  }));
  write_series(out, api, series);
  write_alarms(out, api, series);
  const auto findings = TRY(findings_of(api, series));
  out.key("findings");
  out.begin_array();
  for (const Finding& finding : findings) {
    out.begin_object();
    write_members(out, finding, api.engine.series());
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.take();
}

Response tell_positions(Api& api, const Request& request) {
  constexpr std::int64_t most = std::int64_t{1} << 53U;  // a float64 holds it exactly
  const auto since = ask_integer(request, "since", 0, 0, most);
  if (!since) return answer_error(since.error());
  const auto asked = request.parameter("value");
  const auto value = asked ? std::optional<std::string_view>(*asked) : std::nullopt;
  auto body = api.with_devices([&](DeviceBoard& board) {
    return board.places_since(static_cast<std::uint64_t>(*since), api.engine.clock().now(), value);
  });
  return {.content_type = "application/octet-stream",
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-store"}}};
}

Response tell_map(const Api& api) {
  if (api.map.geojson.empty()) return problem(404, "the scenario has no [map]");
  json::Writer text;
  text.value(api.map.attribution);
  return {.body = fmt::format(R"({{"attribution":{},"map":{}}})", text.take(), api.map.geojson)};
}

}  // namespace

void add_device_routes(Router& router, Api& api) {
  router.add({"GET", "/api/devices", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return list_devices(api, request); });
              }});
  router.add({"GET", "/api/positions", Pace::slow,
              [&api](Request& request) { return tell_positions(api, request); }});
  router.add({"GET", "/api/map", Pace::slow, [&api](Request&) { return tell_map(api); }});
  router.add({"GET", "/api/devices/{id}", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_device(api, request.captured[0]); });
              }});
}

}  // namespace sosie::web
