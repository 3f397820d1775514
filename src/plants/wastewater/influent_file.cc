#include "plants/wastewater/influent_file.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "plants/wastewater/bsm1.h"
#include "plants/wastewater/evaluation.h"
#include "plants/wastewater/influent_columns.h"
#include "wire/csv/reader.h"

namespace sosie::bsm1 {
namespace {

Error wrong(const std::string& name, std::uint64_t line, const std::string& what) {
  return {Errc::invalid, fmt::format("{}:{}: {}", name, line, what)};
}

bool is_data(const csv::Row& row) {
  return !row.fields.empty() && to_number(trim(row.fields.front())).has_value();
}

Result<double> number_at(const csv::Row& row, const ColumnPlaces& places, std::size_t column) {
  const std::size_t place = *places[column];
  if (place >= row.fields.size()) {
    return Error{Errc::invalid, fmt::format("{} fields, and none for {}; expected {}",
                                            row.fields.size(), name_of_column(column), place + 1)};
  }
  const auto text = trim(row.fields[place]);
  const auto number = to_number(text);
  if (!number) {
    return Error{Errc::invalid,
                 fmt::format("{} is '{}'; expected a number", name_of_column(column), text)};
  }
  if (*number < 0 && column != column_celsius && column != column_time) {
    return Error{Errc::invalid,
                 fmt::format("{} is {}; expected 0 or more", name_of_column(column), text)};
  }
  constexpr double most_m3_d = 1e9;  // what the plant takes
  constexpr double most_g_m3 = 1e6;  // what a cubic metre weighs
  const double most = column == column_flow ? most_m3_d : most_g_m3;
  if (*number > most && column != column_celsius && column != column_time) {
    return Error{Errc::invalid, fmt::format("{} is {}; expected {:g} at most",
                                            name_of_column(column), text, most)};
  }
  return *number;
}

/// What the particles weigh and what TSS says are the same in one unit alone.
Result<void> check_solids(double told, const Mixture& water) {
  const double computed = solids_of(water, Asm1Parameters{}.tss_per_cod);
  if (told == 0 || std::abs(told - computed) <= 0.05 * computed + 1) return {};
  return Error{Errc::invalid,
               fmt::format("TSS is {:.6g}, but XI + XS + XBH + XBA + XP are worth {:.6g} g/m3; "
                           "expected the same, all in g/m3",
                           told, computed)};
}

Result<Influent::Row> to_influent_row(const csv::Row& row, const ColumnPlaces& places) {
  if (!row.problem.empty()) return Error{Errc::invalid, row.problem};
  Influent::Row read;
  read.line = row.line;
  read.t_d = TRY(number_at(row, places, column_time));
  for (std::size_t c = 0; c < components; ++c) {
    read.inflow.water[c] = TRY(number_at(row, places, column_first_part + c));
  }
  read.inflow.m3_d = TRY(number_at(row, places, column_flow));
  if (places[column_tss]) {
    const double told = TRY(number_at(row, places, column_tss));
    TRY(check_solids(told, read.inflow.water));
  }
  if (places[column_celsius]) {
    read.inflow.celsius = TRY(number_at(row, places, column_celsius));
    if (!(read.inflow.celsius > 0 && read.inflow.celsius < 45)) {
      return Error{
          Errc::invalid,
          fmt::format("T is {}; expected degC, more than 0 and less than 45", read.inflow.celsius)};
    }
  }
  return read;
}

double usual_step(const std::vector<Influent::Row>& rows) {
  std::vector<double> steps;
  steps.reserve(rows.size());
  for (std::size_t i = 1; i < rows.size(); ++i) steps.push_back(rows[i].t_d - rows[i - 1].t_d);
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::ranges::nth_element(steps, middle);
  return *middle;
}

Result<void> check_times(const Influent& influent) {
  const auto& rows = influent.rows;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].t_d > rows[i - 1].t_d) continue;
    return wrong(influent.name, rows[i].line,
                 fmt::format("time goes from {} d to {} d; expected later than the row before",
                             rows[i - 1].t_d, rows[i].t_d));
  }
  if (rows.size() < 3) return {};
  const double step = usual_step(rows);
  if (step > 2) {
    return wrong(influent.name, rows[1].line,
                 fmt::format("a row every {} d; expected times in days: are these seconds or "
                             "minutes?",
                             step));
  }
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const double gap = rows[i].t_d - rows[i - 1].t_d;
    if (gap <= 1.5 * step) continue;
    return wrong(influent.name, rows[i].line,
                 fmt::format("a gap of {:.6g} d after {} d; expected a row every {:.6g} d", gap,
                             rows[i - 1].t_d, step));
  }
  return {};
}

/// Of units that a file without a header does not tell.
std::vector<std::string> notes_on(const Influent& influent) {
  constexpr double an_eighth = 0.125;  // m3/h instead of m3/d is a 24th
  constexpr double least_cod_g_m3 = 5;
  double m3_d = 0;
  double cod_g_m3 = 0;
  for (const auto& row : influent.rows) {
    m3_d += row.inflow.m3_d;
    cod_g_m3 += composite(row.inflow.water, Asm1Parameters{}, raw_bod).cod;
  }
  const auto count = static_cast<double>(influent.rows.size());
  std::vector<std::string> notes;
  if (const double usual = constant_inflow().m3_d; m3_d / count < an_eighth * usual) {
    notes.push_back(
        fmt::format("{}: Q is {:.4g} m3/d in the mean, where the plant is made for "
                    "{:g}: is it in m3/d?",
                    influent.name, m3_d / count, usual));
  }
  if (cod_g_m3 / count < least_cod_g_m3) {
    notes.push_back(
        fmt::format("{}: COD is {:.3g} g/m3 in the mean: are the concentrations in "
                    "g/m3?",
                    influent.name, cod_g_m3 / count));
  }
  return notes;
}

Result<Influent> read_all(csv::Reader reader, const std::string& name) {
  Influent influent;
  influent.name = name;
  csv::Row row;
  const bool any = TRY(reader.next(row));
  if (!any) return wrong(name, 1, "nothing; expected rows of an influent");
  const bool headless = is_data(row);
  auto places = headless ? usual_places(row.fields.size()) : places_of(row.fields);
  if (!places) return wrong(name, row.line, places.error().what);
  bool more = headless;
  if (!headless) more = TRY(reader.next(row));
  while (more) {
    auto read = to_influent_row(row, *places);
    if (!read) return wrong(name, row.line, read.error().what);
    influent.rows.push_back(*read);
    more = TRY(reader.next(row));
  }
  if (influent.rows.empty()) return wrong(name, 2, "a header alone; expected rows");
  TRY(check_times(influent));
  const auto& rows = influent.rows;
  influent.days = rows.back().t_d - rows.front().t_d;
  if (rows.size() > 2) influent.days += usual_step(rows);
  if (rows.size() == 1) influent.days = 1;
  influent.notes = notes_on(influent);
  return influent;
}

}  // namespace

std::size_t Influent::at(double days_on) const {
  const double t = rows.front().t_d + std::fmod(days_on, days) + 1e-7;
  const auto after = std::ranges::upper_bound(rows, t, {}, &Row::t_d);
  return static_cast<std::size_t>(after - rows.begin()) - 1;
}

double Influent::end_d(std::size_t index) const {
  return index + 1 < rows.size() ? rows[index + 1].t_d - rows.front().t_d : days;
}

Result<Influent> read_influent(const std::string& path) {
  auto reader = TRY(csv::Reader::open(path));
  return read_all(std::move(reader), path);
}

Result<Influent> parse_influent(std::string text, const std::string& name) {
  return read_all(csv::Reader::of(std::move(text)), name);
}

}  // namespace sosie::bsm1
