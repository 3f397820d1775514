#include "app/html_page.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/html.h"

namespace sosie::app {
namespace {

constexpr std::string_view page_style = R"(
:root{color-scheme:light dark;--ground:#fff;--ink:#1c252c;--quiet:#525d66;--line:#c6cbd0;
--panel:#f3f5f6;--mark:#0a58a6;--good:#1b7a43;--bad:#b3261e;--k0:#0072b2;--k1:#b35a00;--k2:#007a5e;
--k3:#a3478a;--k4:#b3261e;--k5:#6b747b}
@media (prefers-color-scheme:dark){:root{--ground:#12181d;--ink:#e6eaed;--quiet:#a3adb5;
--line:#3a444c;--panel:#1b2329;--mark:#6db3f2;--good:#5fc98a;--bad:#ff8a80;--k0:#56b4e9;
--k1:#e69f00;--k2:#3ecf9f;--k3:#d99ac5;--k4:#ff8a80;--k5:#98a2aa}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,"Liberation Sans","DejaVu Sans",sans-serif;color:var(--ink);
background:var(--ground);max-width:72rem;margin:0 auto;padding:1.2rem 1rem 3rem;
font-variant-numeric:tabular-nums}
header{display:flex;justify-content:space-between;align-items:start;gap:1rem}
h1{font-size:1.5rem;line-height:1.25;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{margin:.4rem 0;max-width:65ch;overflow-wrap:anywhere}.about{color:var(--quiet)}
ul{margin:.4rem 0;padding-left:1.2rem;color:var(--quiet);overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.7rem;
margin:1rem 0}
.tile{background:var(--panel);border-radius:8px;padding:.7rem .9rem}
.tile b{display:block;font-size:1.6rem;line-height:1.3;font-weight:650}
.tile small{color:var(--quiet);font-size:.82rem;display:block}
.box{overflow-x:auto}table{border-collapse:collapse;min-width:100%}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid var(--ink);
font-weight:600;vertical-align:bottom}tbody th{font-weight:400}
.box:focus-visible,button:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
svg{display:block;width:100%;height:auto}svg text{fill:var(--ink);font-size:12px}
svg .quiet{fill:var(--quiet)}
button{font:inherit;padding:.35rem .9rem;border:1px solid var(--line);border-radius:6px;
background:var(--panel);color:var(--ink);cursor:pointer}
html[lang=en] .fr,html[lang=fr] .en{display:none}
@media print{button{display:none}}
)";

constexpr std::string_view page_script =
    R"(const h=document.documentElement,b=document.getElementById("language");
const set=l=>{h.lang=l;b.textContent=l==="fr"?"English":"Français";
document.title=h.dataset[l]};b.hidden=false;
b.addEventListener("click",()=>set(h.lang==="fr"?"en":"fr"));
set(navigator.language.startsWith("fr")?"fr":"en");)";

}  // namespace

std::string html_words(const Words& words) {
  if (words.en == words.fr) return html_escaped(words.en);
  return fmt::format(R"(<span class="en" lang="en">{}</span><span class="fr" lang="fr">{}</span>)",
                     html_escaped(words.en), html_escaped(words.fr));
}

std::string html_number(std::optional<double> value, int decimals) {
  if (!value) return "–";
  const auto english = fmt::format("{:.{}f}", *value, decimals);
  auto french = english;
  std::ranges::replace(french, '.', ',');
  return html_words({english, french});
}

HtmlPage::HtmlPage(const Words& title, const Words& about) {
  text_ = fmt::format(
      "<!doctype html>\n<html lang=\"en\" data-en=\"{0}\" data-fr=\"{1}\"><head>"
      "<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{0}</title>\n<style>{2}</style></head>\n<body>\n<header>"
      "<div><h1>{3}</h1><p class=\"about\">{4}</p></div>"
      "<button id=\"language\" type=\"button\" hidden>Français</button></header>\n<main>\n",
      html_escaped(title.en), html_escaped(title.fr), page_style, html_words(title),
      html_words(about));
}

void HtmlPage::tiles(const std::vector<Tile>& tiles) {
  text_ += "<div class=\"tiles\">";
  for (const auto& tile : tiles) {
    text_ += fmt::format("<div class=\"tile\">{}<b>{}</b><small>{}</small></div>",
                         html_words(tile.name), tile.value, tile.beside);
  }
  text_ += "</div>\n";
}

void HtmlPage::heading(const Words& text) {
  text_ += fmt::format("<h2>{}</h2>\n", html_words(text));
}

void HtmlPage::paragraph(const Words& text) {
  text_ += fmt::format("<p>{}</p>\n", html_words(text));
}

void HtmlPage::list(const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  text_ += "<ul>";
  for (const auto& text : texts) text_ += fmt::format("<li>{}</li>", html_escaped(text));
  text_ += "</ul>\n";
}

void HtmlPage::table(const std::vector<std::string>& head,
                     const std::vector<std::vector<std::string>>& rows) {
  text_ += "<div class=\"box\" tabindex=\"0\"><table><thead><tr>";
  for (const auto& cell : head) text_ += fmt::format("<th scope=\"col\">{}</th>", cell);
  text_ += "</tr></thead><tbody>\n";
  for (const auto& row : rows) {
    text_ += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      text_ += i == 0 ? fmt::format("<th scope=\"row\">{}</th>", row[i])
                      : fmt::format("<td>{}</td>", row[i]);
    }
    text_ += "</tr>\n";
  }
  text_ += "</tbody></table></div>\n";
}

void HtmlPage::picture(const Words& label, int width, int height, int least_px,
                       const std::string& content) {
  text_ += fmt::format(
      "<div class=\"box\" tabindex=\"0\"><svg viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-label=\"{} / {}\" style=\"min-width:{}px;max-width:{}px\">{}</svg></div>\n",
      width, height, html_escaped(label.en), html_escaped(label.fr), least_px, 2 * width, content);
}

std::string HtmlPage::finish() && {
  text_ += fmt::format("</main>\n<script>{}</script>\n</body></html>\n", page_script);
  return std::move(text_);
}

}  // namespace sosie::app
