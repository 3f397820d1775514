#include <ranges>

#include "engine/model_desk.h"
#include "models/registry.h"
#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

void write_trial_side(json::Writer& out, std::string_view key, const models::Trial::Side& side) {
  out.key(key);
  out.begin_object();
  out.member("episodes", side.episodes);
  out.member("wrong", side.wrong);
  out.member("confirmed", side.confirmed);
  out.member("sensors", side.sensors);
  out.end_object();
}

void write_trial(json::Writer& out, const std::optional<models::Trial>& trial) {
  if (!trial || trial->frames == 0) return out.value(nullptr);
  out.begin_object();
  out.member("from_ms", to_ms(trial->from));
  out.member("to_ms", to_ms(trial->to));
  out.member("days", trial->days());
  out.member("frames", trial->frames);
  out.member("error_ratio",
             trial->error_ratio > 0 ? std::optional(trial->error_ratio) : std::nullopt);
  out.member("budget_per_day",
             trial->budget_per_day > 0 ? std::optional(trial->budget_per_day) : std::nullopt);
  write_trial_side(out, "active", trial->active);
  write_trial_side(out, "shadow", trial->shadow);
  out.end_object();
}

void write_version(json::Writer& out, const models::Version& version) {
  out.begin_object();
  out.member("version", version.number);
  out.member("state", to_text(version.state));
  out.member("trained_ms", to_ms(version.trained_at));
  out.member("from_ms", to_ms(version.from));
  out.member("to_ms", to_ms(version.to));
  out.member("frames", version.rows);
  out.member("sensors", version.sensors);
  out.member("left_out", version.left_out);
  out.member("trigger", to_text(version.trigger));
  out.member("why", version.why);
  out.key("trial");
  write_trial(out, version.trial);
  out.end_object();
}

void write_step(json::Writer& out, const models::Step& step) {
  out.begin_object();
  out.member("at_ms", to_ms(step.at));
  out.member("what", to_text(step.what));
  out.member("version", step.number);
  out.member("who", step.who);
  out.key("text");
  write(out, Words{step.text, step.text_fr.empty() ? step.text : step.text_fr});
  out.end_object();
}

/// Versions and what became of them, the newest first.
std::string list_models(const Api& api) {
  const auto registry = api.engine.models().registry();
  const auto status = api.engine.models().status();
  const auto card = api.engine.model();
  json::Writer out;
  out.begin_object();
  out.member("in_use", card.trained ? std::optional(card.version) : std::nullopt);
  out.member("note", card.note);
  out.member("can_learn", status.can_learn);
  out.member("training", status.is_training);
  out.member("trouble", status.trouble);
  out.member("next_training_ms", to_ms(status.next_training));
  out.member("trial_s", std::chrono::duration<double>(status.trial).count());
  out.key("moved");
  out.begin_array();
  for (const auto& name : status.moved) out.value(name);
  out.end_array();
  out.key("versions");
  out.begin_array();
  for (const auto& version : std::views::reverse(registry.versions())) write_version(out, version);
  out.end_array();
  out.key("log");
  out.begin_array();
  for (const auto& step : std::views::reverse(registry.steps())) write_step(out, step);
  out.end_array();
  out.end_object();
  return out.take();
}

struct Said {
  std::string who;
  std::string comment;
};

/// {"who": "Ana", "comment": "…"}
Result<Said> read_said(const Request& request) {
  const auto body = TRY(ask_object(request));
  Said said;
  said.who = TRY(member_text(body, "who", ""));
  said.comment = TRY(member_text(body, "comment", ""));
  return said;
}

Result<std::uint32_t> read_version(const Request& request) {
  const auto id = TRY(read_id(request.captured[0]));
  if (id > UINT32_MAX) return Error{Errc::not_found, fmt::format("no model {}", id)};
  return static_cast<std::uint32_t>(id);
}

Result<std::string> begin_training(const Api& api, const Request& request) {
  const auto said = TRY(read_said(request));
  TRY(api.engine.models().train(said.who, said.comment));
  return list_models(api);
}

Result<std::string> activate_model(const Api& api, const Request& request) {
  const auto version = TRY(read_version(request));
  const auto said = TRY(read_said(request));
  TRY(api.engine.models().activate(version, said.who, said.comment));
  return list_models(api);
}

Result<std::string> retire_model(const Api& api, const Request& request) {
  const auto version = TRY(read_version(request));
  const auto said = TRY(read_said(request));
  TRY(api.engine.models().retire(version, said.who, said.comment));
  return list_models(api);
}

}  // namespace

void add_model_routes(Router& router, Api& api) {
  router.add({"GET", "/api/models", Pace::slow, [&api](Request&) {
                return answer_json([&]() -> Result<std::string> { return list_models(api); });
              }});
  router.add({"POST", "/api/models/train", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return begin_training(api, request); });
              }});
  router.add({"POST", "/api/models/{version}/activate", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return activate_model(api, request); });
              }});
  router.add({"POST", "/api/models/{version}/retire", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return retire_model(api, request); });
              }});
}

}  // namespace sosie::web
