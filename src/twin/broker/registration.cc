#include "twin/broker/registration.h"

#include <algorithm>
#include <array>

namespace sosie::ngsi {

bool Registration::provides(const Text& attribute) const {
  return attrs.empty() || std::ranges::find(attrs, attribute) != attrs.end();
}

Registration& RegistrationStore::add(Registration registration) {
  if (registration.number == 0) registration.number = last_number_ + 1;
  last_number_ = std::max(last_number_, registration.number);
  numbers_[registration.id] = registration.number;
  return in_order_.insert_or_assign(registration.number, std::move(registration)).first->second;
}

bool RegistrationStore::remove(std::string_view id) {
  const auto found = numbers_.find(std::string(id));
  if (found == numbers_.end()) return false;
  in_order_.erase(found->second);
  numbers_.erase(found);
  return true;
}

const Registration* RegistrationStore::find(std::string_view id) const {
  const auto found = numbers_.find(std::string(id));
  return found == numbers_.end() ? nullptr : &in_order_.at(found->second);
}

}  // namespace sosie::ngsi
