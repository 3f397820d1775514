#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "alerts/book.h"
#include "alerts/notice.h"

/// Whatever is posted, it is understood or refused; and what was kept can be read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sosie;
  auto notices = alerts::read_notices({reinterpret_cast<const char*>(data), size});
  if (!notices) return 0;
  for (auto& notice : *notices) {
    alerts::Alert alert;
    alert.notice = std::move(notice);
    if (!alerts::alert_from_bytes(alerts::to_bytes(alert))) std::abort();
  }
  return 0;
}
