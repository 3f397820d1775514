#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/series.h"
#include "evaluation/bootstrap.h"

namespace sosie::app {

/// A text in both languages, of which the page shows one.
std::string html_words(const Words& words);

/// A number with its language's point; "–": there is none.
std::string html_number(std::optional<double> value, int decimals = 2);

/// An HTML page that is one file: sections one below the other, tables that scroll by themselves on
/// a narrow screen.
class HtmlPage {
 public:
  /// `title`, `about`: plain text.
  HtmlPage(const Words& title, const Words& about);

  /// A headline figure with what stands beside it.
  struct Tile {
    Words name;
    std::string value;   ///< HTML
    std::string beside;  ///< HTML
  };
  void tiles(const std::vector<Tile>& tiles);

  void heading(const Words& text);
  void paragraph(const Words& text);                 ///< plain text
  void list(const std::vector<std::string>& texts);  ///< plain, as they are

  /// The first column names rows. Cells are HTML.
  void table(const std::vector<std::string>& head,
             const std::vector<std::vector<std::string>>& rows);

  /// An SVG of `width` by `height` units, which shrinks with the page; not below `least_px`, where
  /// it scrolls. `label`: what it shows, for those who cannot see it.
  void picture(const Words& label, int width, int height, int least_px, const std::string& content);

  std::string finish() &&;

 private:
  std::string text_;
};

}  // namespace sosie::app
