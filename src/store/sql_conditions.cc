#include "store/sql_conditions.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/time_text.h"

namespace sosie {
namespace {

void after(Conditions& c, Timestamp from) {
  c.span.from = std::max(c.span.from, from);
}
void before(Conditions& c, Timestamp to) {
  c.span.to = std::min(c.span.to, to);
}

/// `op` as SQLITE_INDEX_CONSTRAINT_*; `exact`: no instant lies between `at` and the value.
void limit_time(Conditions& c, int op, Timestamp at, bool exact) {
  const Timestamp next = at + Duration(1);
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_GT:
      return after(c, next);
    case SQLITE_INDEX_CONSTRAINT_GE:
      return after(c, exact ? at : next);
    case SQLITE_INDEX_CONSTRAINT_LT:
      return before(c, exact ? at : next);
    case SQLITE_INDEX_CONSTRAINT_LE:
      return before(c, next);
    default:
      after(c, at);
      return before(c, next);
  }
}

/// t is in milliseconds; SQLite looks again, so what is not understood is left to it.
void limit_t(Conditions& c, int op, sqlite3_value* value) {
  const int type = sqlite3_value_numeric_type(value);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return;
  const double us = sqlite3_value_double(value) * 1000;
  if (!(std::abs(us) < 0x1p60)) return;
  const double whole = std::floor(us);
  limit_time(c, op, Timestamp(Duration(static_cast<std::int64_t>(whole))), whole == us);
}

/// Times are compared as times, not as texts, so any ISO form will do.
Result<void> limit_iso_time(Conditions& c, int op, sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (text == nullptr) {
    c.nothing = true;
    return {};
  }
  const auto at = from_iso8601(text);
  if (!at) {
    return Error{Errc::invalid, fmt::format("time is compared with '{}'; expected ISO 8601 as "
                                            "'2026-11-20T10:00:00Z', or use t (milliseconds)",
                                            text)};
  }
  limit_time(c, op, std::clamp(*at, earliest, latest), true);
  return {};
}

void limit_value(Conditions& c, int op, sqlite3_value* value) {
  const int type = sqlite3_value_numeric_type(value);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return;
  const double x = sqlite3_value_double(value);
  const bool is_low = op == SQLITE_INDEX_CONSTRAINT_GT || op == SQLITE_INDEX_CONSTRAINT_GE;
  const bool is_high = op == SQLITE_INDEX_CONSTRAINT_LT || op == SQLITE_INDEX_CONSTRAINT_LE;
  if (!is_high) c.bounds.low = std::max(c.bounds.low, x);
  if (!is_low) c.bounds.high = std::min(c.bounds.high, x);
}

void limit_series(Conditions& c, const SeriesTable& series, sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  const auto found = text == nullptr ? std::nullopt : series.find_name(text);
  if (!found || (c.series && *c.series != *found)) c.nothing = true;
  c.series = found;
}

bool is_comparison(int op) {
  return op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_GT ||
         op == SQLITE_INDEX_CONSTRAINT_GE || op == SQLITE_INDEX_CONSTRAINT_LT ||
         op == SQLITE_INDEX_CONSTRAINT_LE;
}

bool is_usable(sqlite3_index_info& info, int i, Resolution level) {
  const auto& constraint = info.aConstraint[i];
  if (constraint.usable == 0 || !is_comparison(constraint.op)) return false;
  switch (constraint.iColumn) {
    case series_column:
      return constraint.op == SQLITE_INDEX_CONSTRAINT_EQ &&
             std::string_view(sqlite3_vtab_collation(&info, i)) == "BINARY";
    case t_column:
    case time_column:
      return true;
    case value_column:
      return level == Resolution::raw;
    default:
      return false;
  }
}

}  // namespace

int plan_conditions(sqlite3_index_info* info, Resolution level) {
  std::string plan;
  double rows = 1e7;
  bool one_series = false;
  for (int i = 0; i < info->nConstraint; ++i) {
    if (!is_usable(*info, i, level)) continue;
    const auto& constraint = info->aConstraint[i];
    plan += static_cast<char>('0' + constraint.iColumn);
    plan += static_cast<char>(constraint.op);
    auto& usage = info->aConstraintUsage[i];
    usage.argvIndex = static_cast<int>(plan.size() / 2);
    // A series may be named in several ways and times written in several; we alone compare them.
    usage.omit = constraint.iColumn == series_column || constraint.iColumn == time_column ? 1 : 0;
    one_series = one_series || constraint.iColumn == series_column;
    rows /= constraint.iColumn == series_column ? 100 : 5;
  }
  const auto* order = info->aOrderBy;
  info->orderByConsumed = one_series && info->nOrderBy == 1 && order->desc == 0 &&
                                  (order->iColumn == t_column || order->iColumn == time_column)
                              ? 1
                              : 0;
  info->estimatedCost = rows;
  info->estimatedRows = static_cast<sqlite3_int64>(rows);
  info->idxStr = sqlite3_mprintf("%s", plan.c_str());
  info->needToFreeIdxStr = 1;
  return info->idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

Result<Conditions> read_conditions(const SeriesTable& series, std::string_view plan,
                                   std::span<sqlite3_value*> values) {
  Conditions conditions;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int op = static_cast<unsigned char>(plan[2 * i + 1]);
    switch (plan[2 * i] - '0') {
      case series_column:
        limit_series(conditions, series, values[i]);
        break;
      case t_column:
        limit_t(conditions, op, values[i]);
        break;
      case time_column:
        TRY(limit_iso_time(conditions, op, values[i]));
        break;
      default:
        limit_value(conditions, op, values[i]);
    }
  }
  if (conditions.span.from >= conditions.span.to) conditions.nothing = true;
  return conditions;
}

}  // namespace sosie
