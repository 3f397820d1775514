#include "core/read_words.h"

namespace sosie {

Result<Words> read_words(Section& section, std::string_view key) {
  auto table = TRY(section.table(key));
  Words words;
  words.en = TRY(table.text("en", ""));
  words.fr = TRY(table.text("fr", words.en));
  TRY(table.finish());
  return words;
}

}  // namespace sosie
