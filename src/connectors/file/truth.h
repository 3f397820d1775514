#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connectors/file/mapping.h"
#include "simulation/label.h"

namespace sosie::file {

/// The labels of one recording, told as its time passes: a label begins when the data reach its
/// start and is over when they have passed its end. Ids follow from the file's name and the label's
/// start, so that a file read again gives the same labels.
///
/// Threads: one.
class Truth {
 public:
  /// Reads the windows file, if the mapping names one. Errors: it is not there, is no JSON of
  /// {"name": [["start", "end"], …]}, or does not have `name`.
  static Result<Truth> create(const TruthConfig& config, const std::string& file_name,
                              const std::string& asset);

  /// The data have come to `at`; `marked`: what its row says, none: nothing. A label by column
  /// lasts to its last marked row; one that is marked again within `join` goes on.
  void pass(Timestamp at, std::optional<bool> marked, LabelSink& sink);
  /// The data have ended.
  void end(LabelSink& sink);

  /// The label that runs, "start end", to go on with after a restart; empty: none.
  std::string save() const;
  void load(const std::string& saved);

 private:
  struct Window {
    Timestamp begin;
    Timestamp end;
  };
  Truth(const TruthConfig& config, std::string file_name, std::string asset)
      : config_(config), file_name_(std::move(file_name)), asset_(std::move(asset)) {}

  Result<void> read_windows();
  void pass_row(Timestamp at, std::optional<bool> marked, LabelSink& sink);
  void tell(const Window& window, bool over, LabelSink& sink) const;

  TruthConfig config_;
  std::string file_name_;
  std::string asset_;
  std::vector<Window> windows_;  ///< by begin
  std::size_t next_window_ = 0;
  std::optional<Window> running_;
};

}  // namespace sosie::file
