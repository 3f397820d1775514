#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "twin/broker/entity_query.h"
#include "twin/broker/keeper.h"
#include "twin/model/error.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// What a context provider can be asked.
enum class ForwardingMode : std::uint8_t { none, query, update, all };

/// One element of `dataProvided.entities`.
struct ProvidedEntity {
  std::string id{};    ///< empty: any (idPattern ".*")
  std::string type{};  ///< empty: any
  bool matches(std::string_view wanted_id, std::string_view wanted_type) const {
    return (id.empty() || id == wanted_id) &&
           (type.empty() || wanted_type.empty() || type == wanted_type);
  }
};

/// A context provider and what it provides.
struct Registration {
  std::string id;
  std::uint64_t number = 0;  ///< place in the order of creation
  Scope scope = Scope::of("/");
  Value definition;  ///< the JSON that the rest was made of
  std::string description{};
  std::vector<ProvidedEntity> entities{};
  std::vector<Text> attrs{};  ///< empty: all
  std::string url{};
  ForwardingMode mode = ForwardingMode::all;
  std::optional<Timestamp> expires{};
  bool is_active = true;  ///< what `status` says; Orion asks an inactive one all the same

  bool is_expired(Timestamp now) const { return expires && *expires <= now; }
  bool answers_queries() const {
    return mode == ForwardingMode::query || mode == ForwardingMode::all;
  }
  bool takes_updates() const {
    return mode == ForwardingMode::update || mode == ForwardingMode::all;
  }
  bool provides(const Text& attribute) const;
};

/// 400 for what is none; 501 for patterns and modes that are not implemented, as in Orion.
Checked<Registration> read_registration(const Value& body);

/// As GET answers.
void render_registration(const Registration& registration, Timestamp now, std::string& out);

Document registration_document(std::string_view tenant, const Registration& registration);
std::optional<Registration> read_registration_document(std::string_view id, std::string_view body);

/// The registrations of one tenant. Threads: none of its own; the tenant's lock is held.
class RegistrationStore {
 public:
  Registration& add(Registration registration);
  bool remove(std::string_view id);
  const Registration* find(std::string_view id) const;

  /// In the order of creation.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& [number, registration] : in_order_) visit(registration);
  }
  std::size_t size() const { return in_order_.size(); }

 private:
  std::map<std::uint64_t, Registration> in_order_;
  std::unordered_map<std::string, std::uint64_t> numbers_;
  std::uint64_t last_number_ = 0;
};

}  // namespace sosie::ngsi
