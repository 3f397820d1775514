#include "core/shared_text.h"

namespace sosie {

SharedText::SharedText(std::string_view text) : cell_(text.empty() ? nullptr : new Cell(text)) {}

void SharedText::release() noexcept {
  if (cell_ == nullptr || cell_->uses.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  delete cell_;
}

const std::string& SharedText::str() const {
  static const std::string nothing;
  return cell_ == nullptr ? nothing : cell_->text;
}

}  // namespace sosie
