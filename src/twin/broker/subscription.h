#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "twin/broker/entity_query.h"
#include "twin/broker/message.h"
#include "twin/jexl/expression.h"
#include "twin/model/render.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// What happened to an entity, as `alterationTypes` name it.
enum class Alteration : std::uint8_t { create, change, update, remove };
std::string_view to_text(Alteration alteration);  ///< "entityCreate" …
std::optional<Alteration> alteration_of(std::string_view word);

/// Where notifications go, and how they are made up.
struct Receiver {
  enum class Kind { http, mqtt, events };
  enum class Content {
    standard,  ///< what `attrsFormat` says
    none,      ///< payload: null
    text,      ///< a template
    json,      ///< a template that is JSON
    ngsi,      ///< a patch of the entity
  };
  using Fields = std::vector<std::pair<std::string, std::string>>;

  Kind kind = Kind::http;
  bool is_custom = false;
  std::string url{};
  std::chrono::milliseconds timeout{0};  ///< 0: the broker's
  std::string method{};                  ///< "": POST
  Fields headers{};
  Fields query{};
  Content content = Content::standard;
  std::string text{};  ///< of Content::text, as the client sent it
  Value json{};        ///< of Content::json and ngsi

  std::string topic{};
  int qos = 0;
  bool retain = false;
  std::string user{};
  std::string password{};
};

/// What triggers notifications.
struct Condition {
  std::vector<Text> attrs{};              ///< empty: any
  Object expression{};                    ///< as the client sent it
  EntityQuery filter{};                   ///< made of it; scope and selectors are not used
  std::vector<Alteration> alterations{};  ///< empty: create and change
  bool metadata_counts = true;            ///< notifyOnMetadataChange
  std::string jexl_text{};
  std::optional<Expression> jexl{};

  bool wants(Alteration alteration) const;
};

enum class SubscriptionStatus : std::uint8_t { active, inactive, oneshot };

/// What a client asked for, checked and made ready.
struct SubscriptionPlan {
  std::string description{};
  std::vector<EntitySelector> entities{};
  Condition condition{};
  Receiver receiver{};
  Selection attrs{};
  Selection metadata{};
  std::string format_name = "normalized";
  Format format = Format::normalized;
  bool only_changed = false;
  bool covered = false;
  std::optional<std::int64_t> max_fails{};
  std::optional<Timestamp> expires{};
  SubscriptionStatus status = SubscriptionStatus::active;
  std::chrono::seconds throttling{0};
};

/// What changes by itself as notifications go out.
struct SubscriptionState {
  std::uint64_t times_sent = 0;    ///< also the number of the last notification
  std::int64_t fails = 0;          ///< since the last success
  std::uint64_t failed_up_to = 0;  ///< number of the last notification that was counted as failed
  std::optional<Timestamp> last_notification{};
  std::optional<Timestamp> last_success{};
  int last_success_code = 0;
  std::optional<Timestamp> last_failure{};
  std::string last_failure_reason{};
  bool is_over = false;       ///< oneshot has fired, or it failed too often: inactive
  bool has_given_up = false;  ///< it failed too often
  bool is_dirty = false;      ///< not yet with the Keeper
};

struct Subscription {
  std::string id;
  std::uint64_t number = 0;  ///< place in the order of creation
  Scope scope = Scope::of("/");
  Value definition;  ///< the JSON that the plan was made of
  SubscriptionPlan plan;
  SubscriptionState state{};

  /// Whether notifications are sent at all at `now`.
  bool is_live(Timestamp now) const;

  /// "active", "inactive", "oneshot" or "expired".
  std::string_view status_text(Timestamp now) const;
};

/// Makes a plan of a body. 400 with Orion's words, as far as we know them, for whatever is wrong.
/// `allows_custom` false: httpCustom is read as http (-disableCustomNotifications).
Checked<SubscriptionPlan> plan_subscription(const Value& body, bool allows_custom);

/// 400 where a body says `covered: true` of no attributes. A PATCH may bring that about: only what
/// it says itself counts.
Checked<void> check_covered(const Value& body);

/// `body` of a PATCH laid over a definition: its fields replace their namesakes, `subject` and
/// `notification` as a whole, but for the notification's flags and limit, which stay; an empty
/// `expires` removes it.
Checked<Value> patched_definition(const Value& definition, const Value& body);

/// As GET answers.
void render_subscription(const Subscription& subscription, Timestamp now, std::string& out);

}  // namespace sosie::ngsi
