#include "app/row_score_text.h"

#include <optional>

#include <fmt/format.h>

namespace sosie::app {
namespace {

std::string figure_text(const std::optional<double>& figure) {
  return figure ? fmt::format("{:.3f}", *figure) : std::string("-");
}

}  // namespace

std::string to_text(const RowScore& score) {
  auto text = fmt::format("{:<23}{:>9}{:>20}", "", "sosie", "95 %");
  for (const auto& floor : score.floors) text += fmt::format("{:>11}", floor.name);
  text += '\n';
  for (std::size_t i = 0; i < row_figures; ++i) {
    const auto& figure = score.figures.at(i);
    text += fmt::format("{:<23}", to_text(static_cast<RowFigure>(i)));
    text += fmt::format("{:>9}", figure ? fmt::format("{:.3f}", figure->value) : "-");
    text += fmt::format("{:>20}", figure && figure->low
                                      ? fmt::format("{:.3f} - {:.3f}", *figure->low, *figure->high)
                                      : "");
    for (const auto& floor : score.floors) {
      text += fmt::format("{:>11}", figure_text(floor.figures.at(i)));
    }
    text += '\n';
  }
  return text;
}

void write_figures(json::Writer& out, const RowScore& score) {
  out.member("nab_raw", score.nab_raw);
  out.key("figures");
  out.begin_object();
  for (std::size_t i = 0; i < row_figures; ++i) {
    out.key(to_text(static_cast<RowFigure>(i)));
    const auto& figure = score.figures.at(i);
    if (!figure) {
      out.value(nullptr);
      continue;
    }
    out.begin_object();
    out.member("value", figure->value);
    out.member("low", figure->low);
    out.member("high", figure->high);
    out.end_object();
  }
  out.end_object();
  out.key("floors");
  out.begin_object();
  for (const auto& floor : score.floors) {
    out.key(floor.name);
    out.begin_object();
    for (std::size_t i = 0; i < row_figures; ++i) {
      out.member(to_text(static_cast<RowFigure>(i)), floor.figures.at(i));
    }
    out.end_object();
  }
  out.end_object();
}

}  // namespace sosie::app
