#pragma once

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "core/section.h"

namespace sosie {

/// Every kind of thing a scenario file can name, by the name it uses there. What kinds of thing
/// there are (Source, Detector, Plant, Notifier, Endpoint …) it need not know.
class Catalog {
 public:
  template <class T>
  using Maker = std::function<Result<std::unique_ptr<T>>(Section&)>;

  /// Makers take their keys from the section, check everything and open nothing.
  template <class T>
  void add(std::string kind, Maker<T> maker) {
    makers_[typeid(T)][std::move(kind)] = std::move(maker);
  }

  std::vector<std::string_view> kinds(std::type_index type) const {
    std::vector<std::string_view> names;
    if (const auto found = makers_.find(type); found != makers_.end()) {
      for (const auto& [name, maker] : found->second) names.push_back(name);
    }
    return names;
  }

  /// Makes what `section`'s key `kind` names. A key that the maker did not ask for is an Error.
  template <class T>
  Result<std::unique_ptr<T>> make(Section& section) const {
    const auto kind = TRY(section.text("kind"));
    const auto names = kinds(typeid(T));
    const auto shelf = makers_.find(typeid(T));
    if (shelf == makers_.end() || !shelf->second.contains(kind)) {
      return section.wrong_choice("kind", kind, names);
    }
    const auto& maker = std::any_cast<const Maker<T>&>(shelf->second.find(kind)->second);
    auto made = maker(section);
    if (!made) return made;
    TRY(section.finish());
    return made;
  }

 private:
  std::map<std::type_index, std::map<std::string, std::any, std::less<>>> makers_;
};

}  // namespace sosie
