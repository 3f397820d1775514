#include "app/score_page.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "app/html_page.h"
#include "base/html.h"
#include "base/time_text.h"

namespace sosie::app {
namespace {

constexpr int picture_width = 960;

std::string interval_text(const std::optional<Estimate>& estimate, int decimals) {
  if (!estimate || !estimate->low) return "";
  return html_number(estimate->low, decimals) + " – " + html_number(estimate->high, decimals);
}

std::string estimate_text(const std::optional<Estimate>& estimate, int decimals) {
  return html_number(estimate ? std::optional(estimate->value) : std::nullopt, decimals);
}

/// "95 %: 0.80 – 0.90 · metronome 0.31".
std::string beside(const std::optional<Estimate>& estimate, int decimals,
                   std::optional<double> metronome) {
  auto text = interval_text(estimate, decimals);
  if (!text.empty()) text = "95 %: " + text;
  if (metronome) {
    if (!text.empty()) text += " · ";
    text += html_words({"metronome ", "métronome "}) + html_number(metronome, decimals);
  }
  return text.empty() ? "&nbsp;" : text;
}

/// A text of a picture, in both languages.
std::string svg_text(double x, double y, std::string_view anchor, const Words& words,
                     std::string_view extra = {}) {
  const auto one = [&](std::string_view language, const std::string& text) {
    return fmt::format(
        R"(<text class="{0} {1}" lang="{0}" x="{2:.1f}" y="{3:.1f}" text-anchor="{4}">{5}</text>)",
        language, extra, x, y, anchor, html_escaped(text));
  };
  return one("en", words.en) + one("fr", words.fr);
}

std::string svg_bar(double x, double y, double width, double height, std::string_view fill,
                    double opacity, std::string_view title) {
  return fmt::format(
      R"svg(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="var(--{})" fill-opacity="{:.2f}"><title>{}</title></rect>)svg",
      x, y, std::max(width, 0.0), height, fill, opacity, html_escaped(title));
}

std::string kind_color(Kind kind) {
  return fmt::format("k{}", static_cast<int>(kind));
}

const Floor* floor_of(const Score& score, std::string_view name) {
  const auto found = std::ranges::find(score.floors, name, &Floor::name);
  return found == score.floors.end() ? nullptr : &*found;
}

void add_event_tiles(HtmlPage& page, const PlantEvaluation& e) {
  const auto* const metronome = floor_of(e.score, "metronome");
  const auto floor = [&](std::optional<double> Figures::* figure) {
    return metronome == nullptr ? std::nullopt : metronome->figures.*figure;
  };
  std::vector<HtmlPage::Tile> tiles{
      {{"Events found", "Événements trouvés"},
       estimate_text(e.intervals.recall, 2),
       beside(e.intervals.recall, 2, floor(&Figures::recall))},
      {{"Findings that are true", "Constats justes"},
       estimate_text(e.intervals.precision, 2),
       beside(e.intervals.precision, 2, floor(&Figures::precision))},
      {{"False findings a day", "Faux constats par jour"},
       estimate_text(e.intervals.false_per_day, 2),
       beside(e.intervals.false_per_day, 2, floor(&Figures::false_per_day))},
      {{"Seconds until it is said", "Secondes avant d'être dit"},
       estimate_text(e.intervals.median_delay_s, 0),
       beside(e.intervals.median_delay_s, 0, std::nullopt)}};
  if (e.intervals.macro_f1) {
    tiles.push_back({{"Macro-F1 of the five kinds", "Macro-F1 des cinq familles"},
                     estimate_text(e.intervals.macro_f1, 2),
                     beside(e.intervals.macro_f1, 2, std::nullopt)});
  }
  if (e.single > 0) {
    tiles.push_back(
        {{"Faulty sensor blamed first", "Capteur fautif nommé en premier"},
         fmt::format("{}/{}", e.single_first, e.single),
         html_words({"of single-sensor faults found", "des pannes d'un seul capteur trouvées"})});
  }
  page.tiles(tiles);
}

void add_event_floors(HtmlPage& page, const Score& score) {
  page.heading({"Beside what one has without looking", "À côté de ce qu'on a sans regarder"});
  page.paragraph(
      {"Counted by events, with no point adjusted: an event found once is one event. The metronome "
       "alarms as often and as long at even distances, “random” as often anywhere.",
       "Compté par événements, sans ajustement : un événement trouvé une fois est un événement. Le "
       "métronome alarme aussi souvent et aussi longtemps à intervalles réguliers, « hasard » "
       "aussi "
       "souvent n'importe où."});
  const auto row = [](const std::string& name, const Figures& f) {
    return std::vector{name,
                       html_number(f.recall),
                       html_number(f.precision),
                       html_number(f.f1),
                       html_number(f.false_per_day),
                       html_number(f.median_delay_s, 0),
                       html_number(f.alarm_share, 3),
                       html_number(f.row_accuracy, 3)};
  };
  std::vector<std::vector<std::string>> rows{row("Sosie", score.figures)};
  for (const auto& floor : score.floors) {
    const Words name = floor.name == "never alarm"    ? Words{"never alarm", "ne jamais alarmer"}
                       : floor.name == "always alarm" ? Words{"always alarm", "toujours alarmer"}
                       : floor.name == "metronome"    ? Words{"metronome", "métronome"}
                                                      : Words{"random", "hasard"};
    rows.push_back(row(html_words(name), floor.figures));
  }
  page.table({"", html_words({"recall", "rappel"}), html_words({"precision", "précision"}), "F1",
              html_words({"false a day", "faux par jour"}), html_words({"delay, s", "délai, s"}),
              html_words({"alarmed", "en alarme"}), html_words({"accuracy", "exactitude"})},
             rows);
}

void add_confusion(HtmlPage& page, const PlantEvaluation& e) {
  if (!e.confusion.macro_f1()) return;
  page.heading({"Which kind was said of what", "Quelle famille a été dite de quoi"});
  const auto strict = fmt::format("{:.2f}", e.confusion.strict_macro_f1().value_or(0));
  auto strict_fr = strict;
  std::ranges::replace(strict_fr, '.', ',');
  page.paragraph(
      {fmt::format("Rows are what it was, columns what was said of it. With what was missed and "
                   "what was false, macro-F1 is {}.",
                   strict),
       fmt::format("Les lignes sont ce que c'était, les colonnes ce qui en a été dit. Avec ce qui "
                   "a été manqué et ce qui était faux, le macro-F1 est de {}.",
                   strict_fr)});
  constexpr double left = 200;
  constexpr double top = 40;
  constexpr double cell_width = 108;
  constexpr double cell_height = 34;
  constexpr std::array<std::array<std::string_view, 2>, kind_count + 1> heads{
      {{"failure", "panne"},
       {"drift", "dérive"},
       {"peak", "pollution"},
       {"malfunction", "procédé"},
       {"attack", "attaque"},
       {"unknown", "inconnu"},
       {"missed", "manqué"}}};
  std::string svg;
  for (std::size_t k = 0; k < heads.size(); ++k) {
    const double x = left + (static_cast<double>(k) + 0.5) * cell_width;
    svg += svg_text(x, top - 12, "middle",
                    {std::string(heads.at(k)[0]), std::string(heads.at(k)[1])}, "quiet");
  }
  for (std::size_t row = 0; row < kind_count; ++row) {
    const auto& counts = e.confusion.counts.at(row);
    const double y = top + static_cast<double>(row) * cell_height;
    const bool is_false = row == Confusion::causes;
    const Words name = is_false ? Words{"no event: false", "aucun événement : faux"}
                                : name_of(static_cast<Kind>(row));
    svg += svg_text(left - 10, y + 22, "end", name);
    double sum = 0;
    for (const double count : counts) sum += count;
    for (std::size_t k = 0; k < counts.size(); ++k) {
      if (is_false && k == kind_count) continue;
      const double x = left + static_cast<double>(k) * cell_width;
      const double part = sum > 0 ? counts.at(k) / sum : 0;
      const std::string_view color = k == row && !is_false ? "good" : "bad";
      svg += svg_bar(x + 2, y + 2, cell_width - 4, cell_height - 4, "panel", 1, "");
      svg += svg_bar(x + 2, y + 2, cell_width - 4, cell_height - 4, color, 0.65 * part,
                     fmt::format("{:.0f} %", 100 * part));
      svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{:.0f}</text>)",
                         x + cell_width / 2, y + 22, counts.at(k));
    }
  }
  page.picture({"Kinds that were said, by kinds that were", "Familles dites, par familles vraies"},
               picture_width, static_cast<int>(top + kind_count * cell_height) + 6, 640, svg);
}

/// Where time lies on the page.
struct TimeAxis {
  Timestamp from;
  Timestamp to;
  double left = 110;
  double right = picture_width - 10;

  double x(Timestamp at) const {
    const double part = static_cast<double>((at - from).count()) /
                        std::max(1.0, static_cast<double>((to - from).count()));
    return left + std::clamp(part, 0.0, 1.0) * (right - left);
  }
  std::string ticks(double top, double bottom) const {
    std::string svg;
    constexpr int count = 6;
    for (int i = 0; i <= count; ++i) {
      const Timestamp at = from + (to - from) * i / count;
      const double place = x(at);
      svg += fmt::format(
          R"svg(<line x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}" stroke="var(--line)"/>)svg",
          place, top, bottom);
      const std::string_view anchor = i == 0 ? "start" : i == count ? "end" : "middle";
      svg += fmt::format(R"(<text class="quiet" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)",
                         place, bottom + 16, anchor, to_iso8601(at).substr(0, 10));
    }
    return svg;
  }
};

void add_timeline(HtmlPage& page, const PlantEvaluation& e) {
  page.heading({"In time", "Dans le temps"});
  page.paragraph(
      {"Above, what was done to the data; below, what was said; the false findings by "
       "themselves.",
       "En haut, ce qui a été fait aux données ; en bas, ce qui a été dit ; les faux "
       "constats à part."});
  const TimeAxis axis{.from = e.run.from, .to = e.run.to};
  constexpr double lane_height = 22;
  constexpr double top = 8;
  std::string svg = axis.ticks(top, top + 8 * lane_height + 12);
  double y = top;
  for (std::size_t k = 0; k < Confusion::causes; ++k) {
    const auto kind = static_cast<Kind>(k);
    constexpr std::array<std::array<std::string_view, 2>, Confusion::causes> shorter{
        {{"failure", "panne"},
         {"drift", "dérive"},
         {"peak", "pollution"},
         {"malfunction", "procédé"},
         {"attack", "attaque"}}};
    svg += svg_text(axis.left - 10, y + 15, "end",
                    {std::string(shorter.at(k)[0]), std::string(shorter.at(k)[1])});
    for (const auto& label : e.run.labels) {
      if (label.kind != kind || label.end < e.run.from || label.start >= e.run.to) continue;
      svg += svg_bar(axis.x(label.start), y + 3,
                     std::max(1.5, axis.x(label.end) - axis.x(label.start)), lane_height - 6,
                     kind_color(kind), 0.9,
                     fmt::format("{} {}", label.scenario, to_iso8601(label.start)));
    }
    y += lane_height;
  }
  const bool has_kinds = std::ranges::any_of(
      e.run.labels, [](const Label& label) { return label.kind != Kind::unknown; });
  if (!has_kinds) {  // a recording's: they have no kind
    for (const auto& label : e.run.labels) {
      if (label.end < e.run.from) continue;
      svg += svg_bar(axis.x(label.start), top + 3,
                     std::max(1.5, axis.x(label.end) - axis.x(label.start)), 5 * lane_height - 6,
                     kind_color(Kind::unknown), 0.5, to_iso8601(label.start));
    }
  }
  y += 12;
  ScoreOptions held;
  held.series = e.run.series.get();
  svg += svg_text(axis.left - 10, y + 15, "end", {"true", "justes"});
  svg += svg_text(axis.left - 10, y + lane_height + 15, "end", {"false", "faux"});
  for (const auto& finding : e.run.findings) {
    const bool is_true = std::ranges::any_of(
        e.run.labels, [&](const Label& label) { return belongs(finding, label, held); });
    const double begin = axis.x(finding.detected);
    const double end = axis.x(finding.closed.value_or(e.run.to));
    svg += svg_bar(begin, y + 3 + (is_true ? 0 : lane_height), std::max(1.5, end - begin),
                   lane_height - 6, kind_color(finding.kind), is_true ? 0.9 : 0.7,
                   finding.sentence.en);
  }
  page.picture({"Labels and findings in time", "Étiquettes et constats dans le temps"},
               picture_width, static_cast<int>(top + 8 * lane_height) + 40, 640, svg);
}

void add_faults(HtmlPage& page, const PlantEvaluation& e) {
  const bool are_named =
      std::ranges::any_of(e.faults, [](const auto& fault) { return !fault.name.empty(); });
  if (!are_named) return;
  page.heading({"Fault by fault", "Panne par panne"});
  constexpr double left = 240;
  constexpr double bar_width = 420;
  constexpr double row_height = 22;
  std::string svg;
  double y = 4;
  for (const auto& fault : e.faults) {
    const auto labels = static_cast<double>(fault.labels);
    const auto width = [&](std::size_t part) {
      return bar_width * static_cast<double>(part) / labels;
    };
    auto name = fault.name;
    std::ranges::replace(name, '_', ' ');
    svg += svg_text(left - 10, y + 15, "end", {name, name});
    svg += svg_bar(left, y + 4, bar_width, row_height - 8, "panel", 1, "");
    svg +=
        svg_bar(left, y + 4, width(fault.found), row_height - 8, kind_color(fault.kind), 0.35, "");
    svg += svg_bar(left, y + 4, width(fault.named_right), row_height - 8, kind_color(fault.kind), 1,
                   "");
    const auto delay = fault.median_delay_s ? fmt::format(", {:.0f} s", *fault.median_delay_s) : "";
    svg += svg_text(left + bar_width + 10, y + 15, "start",
                    {fmt::format("{} of {}, kind right {}{}", fault.found, fault.labels,
                                 fault.named_right, delay),
                     fmt::format("{} sur {}, famille juste {}{}", fault.found, fault.labels,
                                 fault.named_right, delay)});
    y += row_height;
  }
  page.paragraph(
      {"Pale: found. Full: and its kind said rightly. Then the median time until it was "
       "said.",
       "Pâle : trouvé. Plein : et la famille est juste. Puis le temps médian avant "
       "d'être dit."});
  page.picture({"Found and named, fault by fault", "Trouvé et nommé, panne par panne"},
               picture_width, static_cast<int>(y) + 6, 680, svg);
}

void add_row_figures(HtmlPage& page, const RowScore& score) {
  std::vector<std::string> head{"", "Sosie", "95 %"};
  for (const auto& floor : score.floors) {
    const Words name = floor.name == "never"       ? Words{"never", "jamais"}
                       : floor.name == "always"    ? Words{"always", "toujours"}
                       : floor.name == "metronome" ? Words{"metronome", "métronome"}
                       : floor.name == "random"    ? Words{"random", "hasard"}
                                                   : Words{"clock", "horloge"};
    head.push_back(html_words(name));
  }
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < row_figures; ++i) {
    const auto& figure = score.figures.at(i);
    if (!figure) continue;
    std::vector<std::string> row{std::string(to_text(static_cast<RowFigure>(i))),
                                 estimate_text(figure, 3), interval_text(figure, 3)};
    for (const auto& floor : score.floors) row.push_back(html_number(floor.figures.at(i), 3));
    rows.push_back(std::move(row));
  }
  page.table(head, rows);
}

void add_attacks(HtmlPage& page, const AttackReport* attacks) {
  if (attacks == nullptr) return;
  page.heading({"Under attack", "Sous attaque"});
  page.paragraph(
      {fmt::format("Recall of {} events with the threshold found anew for at most {:.3g} false "
                   "alarms a day. Replayed and false values hide the sensors on which an event "
                   "shows most; “white” knows what the others let expect.",
                   attacks->events, attacks->budget),
       fmt::format("Rappel de {} événements, le seuil recalculé pour au plus {:.3g} fausses "
                   "alarmes par jour. Valeurs rejouées et fausses cachent les capteurs où "
                   "l'événement se voit le plus ; « white » sait ce que les autres laissent "
                   "attendre.",
                   attacks->events, attacks->budget)});
  constexpr double left = 120;
  constexpr double bar_width = 520;
  constexpr double row_height = 24;
  std::string svg;
  double y = 4;
  for (const auto& line : attacks->lines) {
    svg +=
        svg_text(left - 10, y + 16, "end",
                 line.attack == "none" ? Words{"none", "aucune"} : Words{line.attack, line.attack});
    svg += svg_bar(left, y + 4, bar_width, row_height - 8, "panel", 1, "");
    svg += svg_bar(left, y + 4, bar_width * line.recall, row_height - 8, "mark", 0.9, "");
    const auto kept = line.kept ? fmt::format("{:.0f} %", 100 * *line.kept) : std::string("–");
    Words text{fmt::format("{:.2f}, kept {}", line.recall, kept),
               fmt::format("{:.2f}, gardé {}", line.recall, kept)};
    std::ranges::replace(text.fr, '.', ',');
    if (line.ramps > 0) {
      text.en += fmt::format("; {} of {} ramps found", line.ramps_found, line.ramps);
      text.fr += fmt::format(" ; {} rampes sur {} trouvées", line.ramps_found, line.ramps);
    }
    svg += svg_text(left + bar_width + 10, y + 16, "start", text);
    y += row_height;
  }
  page.picture({"Recall by attack", "Rappel par attaque"}, picture_width, static_cast<int>(y) + 6,
               640, svg);
}

void add_course(HtmlPage& page, const std::vector<TableEvaluation::Slice>& slices) {
  if (slices.empty()) return;
  page.heading({"In time", "Dans le temps"});
  page.paragraph(
      {"The score of the rows behind those of learning, its half being where alarms "
       "begin; shaded, what is labelled; the bar below, what is under alarm.",
       "La note des lignes après celles d'apprentissage, sa moitié étant le début des "
       "alarmes ; ombré, ce qui est étiqueté ; la barre du bas, ce qui est en alarme."});
  constexpr double left = 40;
  constexpr double height = 180;
  constexpr double top = 8;
  const double width = (picture_width - left - 10) / static_cast<double>(slices.size());
  std::string svg;
  std::string path;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double x = left + width * static_cast<double>(i);
    if (slices[i].is_labelled) svg += svg_bar(x, top, width + 0.3, height, "bad", 0.22, "");
    if (slices[i].is_flagged) svg += svg_bar(x, top + height + 4, width + 0.3, 8, "mark", 1, "");
    path += fmt::format("{}{:.1f},{:.1f}", i == 0 ? "M" : "L", x,
                        top + height * (1 - std::clamp(slices[i].score, 0.0, 1.0)));
  }
  svg += fmt::format(
      R"svg(<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" stroke="var(--quiet)" stroke-dasharray="4 4"/><path d="{3}" fill="none" stroke="var(--ink)" stroke-width="1"/>)svg",
      left, picture_width - 10, top + height / 2, path);
  for (const double part : {0.0, 0.5, 1.0}) {
    svg += svg_text(left - 8, top + height * (1 - part) + 4, "end",
                    {fmt::format("{:.1f}", part), fmt::format("{:.0f},{:.0f}", std::floor(part),
                                                              10 * (part - std::floor(part)))},
                    "quiet");
  }
  page.picture({"Score, labels and alarms in time", "Note, étiquettes et alarmes dans le temps"},
               picture_width, static_cast<int>(top + height) + 20, 560, svg);
}

}  // namespace

std::string page_of(const PlantEvaluation& e, const AttackReport* attacks) {
  HtmlPage page({"What detection is worth here", "Ce que vaut la détection ici"},
                {fmt::format("{}, {} to {}: {} events, {} findings. Detectors of {}.", e.data,
                             to_iso8601(e.run.from), to_iso8601(e.run.to), e.score.labels,
                             e.score.findings, e.scenario),
                 fmt::format("{}, du {} au {} : {} événements, {} constats. Détecteurs de {}.",
                             e.data, to_iso8601(e.run.from), to_iso8601(e.run.to), e.score.labels,
                             e.score.findings, e.scenario)});
  add_event_tiles(page, e);
  add_timeline(page, e);
  add_confusion(page, e);
  add_event_floors(page, e.score);
  add_faults(page, e);
  add_attacks(page, attacks);
  if (e.rows) {
    page.heading({"Minute by minute", "Minute par minute"});
    page.paragraph({"The score of a minute is that of the strongest finding open in it.",
                    "La note d'une minute est celle du constat ouvert le plus fort."});
    add_row_figures(page, *e.rows);
  }
  page.heading({"What there is to know of the data", "Ce qu'il faut savoir des données"});
  page.list(e.run.notes);
  return std::move(page).finish();
}

std::string page_of(const TableEvaluation& e, const AttackReport* attacks) {
  HtmlPage page(
      {"What detection is worth on this table", "Ce que vaut la détection sur ce tableau"},
      {fmt::format("{}: {} rows, learned from the first {}; of the others {} are flagged, "
                   "in {} episodes.",
                   e.input, e.rows, e.learned, e.flagged, e.episodes),
       fmt::format("{} : {} lignes, les {} premières apprises ; des autres, {} sont "
                   "signalées, en {} épisodes.",
                   e.input, e.rows, e.learned, e.flagged, e.episodes)});
  if (e.score) {
    const auto& score = *e.score;
    const auto tile = [&](const Words& name, RowFigure figure, int decimals) {
      const auto& estimate = score.figures.at(static_cast<std::size_t>(figure));
      const auto metronome = std::ranges::find(score.floors, "metronome", &RowFloor::name);
      const auto floor = metronome == score.floors.end()
                             ? std::nullopt
                             : metronome->figures.at(static_cast<std::size_t>(figure));
      return HtmlPage::Tile{name, estimate_text(estimate, decimals),
                            beside(estimate, decimals, floor)};
    };
    page.tiles(
        {tile({"Events found", "Événements trouvés"}, RowFigure::event_recall, 2),
         tile({"Episodes that are true", "Épisodes justes"}, RowFigure::event_precision, 2),
         tile({"False episodes a day", "Faux épisodes par jour"}, RowFigure::false_per_day, 2),
         tile({"Average precision", "Précision moyenne"}, RowFigure::average_precision, 2),
         tile({"VUS-PR", "VUS-PR"}, RowFigure::vus_pr, 2)});
  }
  add_course(page, e.slices);
  add_attacks(page, attacks);
  if (e.score) {
    page.heading({"Beside what one has without looking", "À côté de ce qu'on a sans regarder"});
    add_row_figures(page, *e.score);
  }
  page.heading({"What was decided", "Ce qui a été décidé"});
  page.list(e.notes);
  page.heading({"Sensors", "Capteurs"});
  std::vector<std::vector<std::string>> rows;
  rows.reserve(e.sensors.size());
  for (const auto& sensor : e.sensors) {
    rows.push_back({html_escaped(sensor.name), fmt::format("{:.0f} %", 100 * sensor.known),
                    html_escaped(sensor.how)});
  }
  page.table({html_words({"sensor", "capteur"}), html_words({"known", "connu"}),
              html_words({"judged", "jugé"})},
             rows);
  return std::move(page).finish();
}

}  // namespace sosie::app
