#pragma once

#include <string>
#include <string_view>

#include "compliance/report.h"
#include "core/reading.h"

namespace sosie::web {

/// Whose report it is.
struct ReportHead {
  Words title;  ///< the plant's name
  double population_equivalent = 0;
  std::string directive;
  std::string zone;  ///< whose days they are
  Timestamp made;
};

// A report of compliance as files that can be kept. `language`: "en" or "fr".

/// A document by itself, to be read and printed.
std::string report_html(const ComplianceReport& report, const ReportHead& head,
                        std::string_view language);

/// A row of kind "parameter" for each, then one of kind "day" for each day of each.
std::string report_csv(const ComplianceReport& report);
std::string report_json(const ComplianceReport& report, const ReportHead& head);

/// What the document's print button needs of a Content-Security-Policy.
std::string_view report_policy();

}  // namespace sosie::web
