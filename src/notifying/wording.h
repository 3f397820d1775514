#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_text.h"
#include "core/alarm.h"
#include "core/section.h"
#include "core/series.h"

namespace sosie {

/// How a notifier words an alarm's step for people: its keys `language`, `zone` and `link`.
class Wording {
 public:
  /// A line beside the title: "Sensor", "AIT-806-TSS".
  struct Fact {
    std::string name;
    std::string value;
    bool operator==(const Fact&) const = default;
  };

  static Result<Wording> read(Section& section);

  /// "High alarm: Too much oxygen", "Over: Too much oxygen". One line, however the message was.
  std::string title(const AlarmEvent& event) const;
  std::vector<Fact> facts(const AlarmEvent& event, const SeriesTable& series) const;

  /// Where the pages are for who reads this; empty: not said.
  const std::string& link() const { return link_; }
  std::string link_words() const;

 private:
  Wording(bool is_french, Zone zone, std::string link)
      : is_french_(is_french), zone_(std::move(zone)), link_(std::move(link)) {}

  std::string local_time(Timestamp at) const;

  bool is_french_;
  Zone zone_;
  std::string link_;
};

/// `text`, or as much of it as `bytes` hold, with "…" where it was cut; never within a character.
std::string shortened(std::string_view text, std::size_t bytes);

}  // namespace sosie
