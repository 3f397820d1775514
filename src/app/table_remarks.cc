#include "app/table_remarks.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sosie::app {
namespace {

constexpr std::size_t most_remarked = 8;
constexpr double known_badly = 0.5;
constexpr std::uint64_t least_silence = 20;  ///< rows at the end, and a tenth of those judged

/// Rows have no times that can be relied on here: their numbers stand for them.
Timestamp time_of_row(std::uint64_t row) {
  return Timestamp(std::chrono::seconds(row));
}

std::uint64_t row_of(Timestamp at) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
}

}  // namespace

std::string conversion_text(const models::ColumnFacts::Jump& jump) {
  if (jump.offset == 0) return fmt::format("a factor of {:.4g}", jump.factor);
  if (jump.factor == 1) return jump.offset > 0 ? "Celsius to kelvin" : "kelvin to Celsius";
  return jump.offset > 0 ? "Celsius to Fahrenheit" : "Fahrenheit to Celsius";
}

std::string named(std::string_view what, std::vector<std::string> names) {
  const auto all = names.size();
  if (all > most_remarked) names.resize(most_remarked);
  return fmt::format("{}: {}{}", what, fmt::join(names, ", "),
                     all > most_remarked ? fmt::format(" … ({})", all) : "");
}

TableRemarks::TableRemarks(std::vector<std::string> names)
    : names_(std::move(names)), survey_(names_.size()), later_(names_.size()) {}

void TableRemarks::learn(std::span<const double> values) {
  ++learned_;
  ++rows_;
  survey_.take(time_of_row(rows_), values);
}

void TableRemarks::judge(std::span<const double> values) {
  ++rows_;
  for (std::size_t i = 0; i < later_.size(); ++i) {
    if (std::isnan(values[i])) continue;
    if (later_[i].first == 0) later_[i].first = rows_;
    later_[i].last = rows_;
  }
}

void TableRemarks::tell(std::vector<std::string>& notes) const {
  if (learned_ == 0) return;
  const auto facts = survey_.finish_alone();
  tell_learned(facts, notes);
  tell_steps(facts, notes);
  tell_later(facts, notes);
}

void TableRemarks::tell_learned(const models::SurveyFacts& facts,
                                std::vector<std::string>& notes) const {
  std::vector<std::string> missing;
  std::vector<std::string> same;
  std::vector<std::string> joining;
  std::vector<std::string> leaving;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const auto& column = facts.columns[i];
    if (column.known > 0 && column.known < known_badly) {
      missing.push_back(
          fmt::format("{} ({:.0f} % of the rows)", names_[i], 100 * (1 - column.known)));
    }
    if (column.same_as) {
      same.push_back(fmt::format("{} (as {})", names_[i], names_[*column.same_as]));
    }
    if (column.joins) {
      joining.push_back(fmt::format("{} (row {})", names_[i], row_of(*column.joins)));
    }
    if (column.leaves) {
      leaving.push_back(fmt::format("{} (row {})", names_[i], row_of(*column.leaves)));
    }
  }
  const auto add = [&](std::string_view what, std::vector<std::string> who) {
    if (!who.empty()) notes.push_back(named(what, std::move(who)));
  };
  add("sensors that are mostly missing in the rows of learning, and known badly",
      std::move(missing));
  add("sensors that are the same as another one in all rows of learning: they count twice, and who "
      "falsifies one does so to both",
      std::move(same));
  add("sensors that join within the rows of learning, with their first value", std::move(joining));
  add("sensors that leave within the rows of learning, with their last value", std::move(leaving));
}

void TableRemarks::tell_steps(const models::SurveyFacts& facts,
                              std::vector<std::string>& notes) const {
  std::vector<std::string> units;
  std::vector<std::string> moved;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (const auto& jump = facts.columns[i].jump) {
      units.push_back(fmt::format("{} (from about {:.4g} to {:.4g}, as by {}, at about row {})",
                                  names_[i], jump->before, jump->after, conversion_text(*jump),
                                  row_of(jump->at)));
    }
    if (const auto& step = facts.columns[i].moved) {
      moved.push_back(fmt::format("{} (from about {:.4g} to {:.4g} at about row {})", names_[i],
                                  step->before, step->after, row_of(step->at)));
    }
  }
  if (!units.empty()) {
    notes.push_back(
        named("sensors that jump for good while learning, as where a unit is changed (both are "
              "learned as one; learn from the rows behind it, or convert those before)",
              std::move(units)));
  }
  if (!moved.empty()) {
    notes.push_back(
        named("sensors whose level changed for good while learning, and by no usual "
              "change of unit (both levels are learned as ordinary)",
              std::move(moved)));
  }
}

void TableRemarks::tell_later(const models::SurveyFacts& facts,
                              std::vector<std::string>& notes) const {
  std::vector<std::string> joining;
  std::vector<std::string> leaving;
  const auto silence = std::max(least_silence, (rows_ - learned_) / 10);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const bool is_learned = facts.columns[i].known > 0;
    const auto& later = later_[i];
    if (!is_learned && later.first > 0) {
      joining.push_back(fmt::format("{} (row {})", names_[i], later.first));
    }
    const bool has_left = is_learned && !facts.columns[i].leaves;
    const auto last = std::max(later.last, learned_);
    if (has_left && rows_ - last >= silence) {
      leaving.push_back(fmt::format("{} (after row {})", names_[i], last));
    }
  }
  if (!joining.empty()) {
    notes.push_back(named("sensors that join after the rows of learning, and are not judged",
                          std::move(joining)));
  }
  if (!leaving.empty()) {
    notes.push_back(named("sensors that leave: they have no value to the end of the table",
                          std::move(leaving)));
  }
}

}  // namespace sosie::app
