#include "base/html.h"

#include <doctest/doctest.h>

namespace sosie {

TEST_CASE("what HTML would read as its own is escaped, in texts and in attributes") {
  CHECK(html_escaped("<b title=\"a & b\">été</b>") ==
        "&lt;b title=&quot;a &amp; b&quot;&gt;été&lt;/b&gt;");
  CHECK(html_escaped("").empty());
}

}  // namespace sosie
