#include "store/options.h"

#include <string_view>

#include <doctest/doctest.h>

namespace sosie {

TEST_CASE("store options: the scenario's table") {
  struct Case {
    const char* toml;
    const char* error;
  };
  const Case cases[] = {
      {"[store]", ""},
      {"[store]\nfile = 'x.db'\nchunk_points = 128\nmax_size_mb = 5\n"
       "[[store.retention]]\nseries = 'AIT*'\nraw = '30d'\nminute = '1w'",
       "at least as long as raw"},
      {"[store]\n[[store.retention]]\nraw = '30d'\nminute = '30d'\nhour = '400d'", ""},
      {"[store]\n[[store.retention]]\nraw = 'soon'", "expected an age"},
      {"[store]\nchunk_points = 3", "16 to 4096"},
      {"[store]\nfil = 'x'", "'fil'"},
      {"[store]\nmax_size_mb = -1", "negative"},
      {"[store]\n[[store.retention]]\nraw = '1d'\nminute = '1d'\nhour = '30d'\nday = '3d'",
       "'day'"},
      {"[store]\n[[store.retention]]\nraw = '1d'\nminute = '30d'\nhour = '3d'", "'hour'"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    auto file = Section::read_text(c.toml);
    REQUIRE(file);
    auto section = file->table("store");
    REQUIRE(section);
    const auto options = StoreOptions::read(*section, "/data/sosie.db");
    CAPTURE((options ? std::string() : options.error().what));
    CHECK(static_cast<bool>(options) == std::string_view(c.error).empty());
    if (options) {
      CHECK(options->path == "/data/sosie.db");
    } else {
      CHECK(options.error().what.find(c.error) != std::string::npos);
    }
  }
}

}  // namespace sosie
