#pragma once

#include <string_view>

namespace sosie::web {

/// The document's words; each `of` a language.
struct ReportTexts {
  std::string_view lang;
  std::string_view title;
  std::string_view print;
  std::string_view directive;
  std::string_view size;
  std::string_view pe;
  std::string_view period;
  std::string_view to;
  std::string_view made;
  std::string_view days_of;
  std::string_view verdict;
  std::string_view compliant;
  std::string_view not_compliant;
  std::string_view unknown;
  std::string_view as_far;  ///< as it was measured
  std::string_view colon;
  std::string_view summary;
  std::string_view parameter;
  std::string_view limit;
  std::string_view or_removed;
  std::string_view taken;
  std::string_view failed;
  std::string_view allowed;
  std::string_view gross;
  std::string_view mean;
  std::string_view reduction;
  std::string_view unusual;
  std::string_view missing;
  std::string_view result;
  std::string_view holds;
  std::string_view fails;
  std::string_view annual;
  std::string_view no_sample;
  std::string_view part_of_year;
  std::string_view asked;
  std::string_view rule;
  std::string_view days;
  std::string_view day;
  std::string_view not_measured;
  std::string_view not_counted;
  std::string_view gross_failure;
  std::string_view how;
  std::string_view sources;
};

inline constexpr ReportTexts report_in_english{
    .lang = "en",
    .title = "Compliance report",
    .print = "Print",
    .directive = "Directive",
    .size = "Plant size",
    .pe = "population equivalent",
    .period = "Period",
    .to = "to",
    .made = "Made",
    .days_of = "days of",
    .verdict = "Verdict",
    .compliant = "compliant",
    .not_compliant = "not compliant",
    .unknown = "not known: no sample",
    .as_far = "as far as it was measured; without a sample that counts: ",
    .colon = ":",
    .summary = "Summary",
    .parameter = "Parameter",
    .limit = "Limit",
    .or_removed = "or",
    .taken = "Samples",
    .failed = "Failed",
    .allowed = "Allowed",
    .gross = "Gross failures",
    .mean = "Mean",
    .reduction = "Removed",
    .unusual = "Unusual days",
    .missing = "Days without a sample",
    .result = "Result",
    .holds = "holds",
    .fails = "fails",
    .annual = "annual mean",
    .no_sample = "not measured",
    .part_of_year =
        "The period is less than a year: means and failures allowed are those of the part, and "
        "this "
        "is no verdict on a year.",
    .asked = "Samples that the directive asks for in a year, at least:",
    .rule =
        "A sample holds when its concentration or its reduction does; a gross failure is never "
        "tolerated. Days with more inflow than the reference flow are unusual and do not count.",
    .days = "Day by day",
    .day = "Day",
    .not_measured = "not measured",
    .not_counted = "unusual inflow: does not count",
    .gross_failure = "gross failure",
    .how =
        "Samples are flow-weighted 24 h composites of continuous measurements, of days with at "
        "least 18 measured hours.",
    .sources =
        "Limits: Council Directive 91/271/EEC as amended by 98/15/EC, Annex I, tables 1 to 3; "
        "Directive (EU) 2024/3019, Annex I, where it is chosen: its limits as an extract of a "
        "position paper has them, with the failures allowed and the gross failures of 91/271/EEC. "
        "Recalled and not read were: the gross failures, the unusual days, table 1 for fewer than "
        "10,000 p.e. and the table 1 of 2024/3019. Compare them with the directive before this is "
        "shown to an authority."};

inline constexpr ReportTexts report_in_french{
    .lang = "fr",
    .title = "Rapport de conformité",
    .print = "Imprimer",
    .directive = "Directive",
    .size = "Taille de la station",
    .pe = "équivalents-habitants",
    .period = "Période",
    .to = "au",
    .made = "Établi le",
    .days_of = "jours de",
    .verdict = "Verdict",
    .compliant = "conforme",
    .not_compliant = "non conforme",
    .unknown = "inconnu : aucun échantillon",
    .as_far = "pour ce qui a été mesuré ; sans échantillon qui compte : ",
    .colon = " :",
    .summary = "Bilan",
    .parameter = "Paramètre",
    .limit = "Limite",
    .or_removed = "ou",
    .taken = "Échantillons",
    .failed = "Dépassés",
    .allowed = "Permis",
    .gross = "Rédhibitoires",
    .mean = "Moyenne",
    .reduction = "Abattement",
    .unusual = "Jours exceptionnels",
    .missing = "Jours sans échantillon",
    .result = "Résultat",
    .holds = "tenu",
    .fails = "dépassé",
    .annual = "moyenne annuelle",
    .no_sample = "non mesuré",
    .part_of_year =
        "La période dure moins d'un an : moyennes et dépassements permis sont ceux de "
        "cette partie, et ceci n'est pas un verdict annuel.",
    .asked = "Échantillons que la directive demande par an, au moins :",
    .rule =
        "Un échantillon tient si sa concentration ou son abattement tient ; un dépassement "
        "rédhibitoire n'est jamais toléré. Les jours de débit entrant supérieur au débit de "
        "référence sont exceptionnels et ne comptent pas.",
    .days = "Jour par jour",
    .day = "Jour",
    .not_measured = "non mesuré",
    .not_counted = "débit exceptionnel : ne compte pas",
    .gross_failure = "rédhibitoire",
    .how =
        "Les échantillons sont des composites de 24 h, pondérés par le débit, de mesures en "
        "continu, des jours d'au moins 18 heures mesurées.",
    .sources =
        "Limites : directive 91/271/CEE modifiée par 98/15/CE, annexe I, tableaux 1 à 3 ; si elle "
        "est choisie, directive (UE) 2024/3019, annexe I : ses limites d'après l'extrait d'une "
        "prise "
        "de position, avec les dépassements permis et rédhibitoires de 91/271/CEE. Cités de "
        "mémoire "
        "et non relus : les valeurs rédhibitoires, les jours exceptionnels, le tableau 1 "
        "au-dessous "
        "de 10 000 EH et le tableau 1 de 2024/3019. À comparer avec la directive avant de montrer "
        "ceci à une autorité."};

}  // namespace sosie::web
