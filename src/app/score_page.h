#pragma once

#include <string>

#include "app/attack_report.h"
#include "app/plant_evaluation.h"
#include "app/table_evaluation.h"

namespace sosie::app {

/// The report as one HTML file with its pictures in it (SVG), in English and French, light and
/// dark; it asks nothing of the network. `attacks`: null: none were tried.
std::string page_of(const PlantEvaluation& evaluation, const AttackReport* attacks);
std::string page_of(const TableEvaluation& evaluation, const AttackReport* attacks);

}  // namespace sosie::app
