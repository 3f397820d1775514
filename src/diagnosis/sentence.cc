#include "diagnosis/sentence.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "diagnosis/observation.h"
#include "diagnosis/voice.h"

namespace sosie::diagnosis {
namespace {

/// "AIT-306-DO (dissolved oxygen, reactor 5)", as far as it is known.
Words named(const SeriesInfo& info) {
  const auto name = info.entity.empty() ? info.name() : info.entity;
  const auto inside = [&](const std::string& quantity, const std::string& otherwise,
                          const std::string& place) {
    auto what = quantity.empty() ? otherwise : quantity;
    if (what == "value" || info.quantity.en == "value") what.clear();
    if (!place.empty()) what += (what.empty() ? "" : ", ") + place;
    return what.empty() ? name : fmt::format("{} ({})", name, what);
  };
  const Words place = info.place();
  return {inside(info.quantity.en, info.attribute, place.en),
          inside(info.quantity.fr, info.attribute, place.fr)};
}

/// The likely cause, as the end of a sentence.
Words cause(Kind kind, bool is_group) {
  switch (kind) {
    case Kind::sensor_failure:
      return is_group
                 ? Words{"these sensors or their connection have probably failed",
                         "ces capteurs ou leur liaison sont probablement en panne"}
                 : Words{"the sensor has probably failed", "le capteur est probablement en panne"};
    case Kind::sensor_drift:
      return {"the sensor is probably drifting (fouling or calibration)",
              "le capteur dérive probablement (encrassement ou étalonnage)"};
    case Kind::pollution_peak:
      return {"a pollution peak is probably coming through",
              "un pic de pollution traverse probablement la station"};
    case Kind::process_malfunction:
      return {"the process or a machine is probably not working as it should",
              "le procédé ou une machine fonctionne probablement mal"};
    case Kind::cyber_attack:
      return {"the values may have been tampered with", "les valeurs ont peut-être été falsifiées"};
    case Kind::unknown:
      return {"the cause is not known", "la cause n'est pas connue"};
  }
  return {};
}

/// Nine of ten sensors, and three at least, do not send.
bool is_all_silent(const Asset& asset, const Episode& episode) {
  std::set<std::uint32_t> silent;
  for (const auto& sign : episode.signs) {
    const bool is_silence = sign.kind == SymptomKind::missing && sign.rule.empty();
    if (is_silence && sign.column != no_column) silent.insert(sign.column);
  }
  return silent.size() >= 3 && 10 * silent.size() >= 9 * asset.columns.size();
}

/// Where nothing comes, no value can have been tampered with: whoever is behind it, what the
/// sensors send by is what people must look at.
Words cause_of(const Asset& asset, const Episode& episode, Kind kind) {
  if (kind == Kind::cyber_attack && is_all_silent(asset, episode)) {
    return {
        "next to nothing comes from here any more; the logger, the gateway or the network has "
        "failed, or is being kept from sending",
        "presque plus rien n'arrive d'ici ; l'enregistreur, la passerelle ou le réseau est en "
        "panne, ou empêché d'émettre"};
  }
  return cause(kind, episode.columns().size() != 1);
}

const Asset::Column& column_of(const Asset& asset, SeriesId series) {
  return *std::ranges::find(asset.columns, series, &Asset::Column::series);
}

/// The names of those that go with the first suspect: "AIT-1, AIT-2 and 3 more". Where it is of the
/// same entity, its attribute tells them apart.
Words companions(const Asset& asset, const Finding& finding) {
  const auto& first = column_of(asset, finding.suspects.front().series).info->entity;
  std::string names;
  std::size_t told = 0;
  std::size_t more = 0;
  for (std::size_t i = 1; i < finding.suspects.size(); ++i) {
    if (finding.suspects[i].share < 0.05) continue;
    if (told == 3) {
      ++more;
      continue;
    }
    const auto& info = *column_of(asset, finding.suspects[i].series).info;
    const bool is_enough = !info.entity.empty() && info.entity != first;
    names += (told++ == 0 ? "" : ", ") + (is_enough ? info.entity : info.name());
  }
  if (names.empty()) return {};
  if (more == 0) return {names, names};
  return {fmt::format("{} and {} more", names, more), fmt::format("{} et {} autres", names, more)};
}

/// Of a sensor that says nothing against itself, and is suspected for what its loop does.
Words held_by_loop(const Asset::Column& column, const Suspect& suspect, const Words& moved) {
  if (std::isnan(suspect.value)) {
    return {fmt::format("is what a control loop hears that moves {} away from what the other "
                        "sensors say",
                        moved.en),
            fmt::format("est ce qu'écoute une boucle de régulation qui écarte {} de ce que disent "
                        "les autres capteurs",
                        moved.fr)};
  }
  const auto value = with_unit(suspect.value, *column.info);
  return {fmt::format("shows {}, where its control loop keeps it by moving {} away from what the "
                      "other sensors say",
                      value.en, moved.en),
          fmt::format("affiche {}, où sa boucle de régulation le maintient en écartant {} de ce "
                      "que disent les autres capteurs",
                      value.fr, moved.fr)};
}

/// What the sentence says of the first suspect.
Words seen_of(const Asset::Column& column, const Sign* lead, const Suspect& suspect,
              Timestamp now) {
  if (lead != nullptr) {
    const auto end = lead->active ? now : std::max(lead->until, lead->since);
    return observation(*lead, *column.info, end - lead->since);
  }
  if (std::isnan(suspect.value)) {
    return {"stands out most in a combination of values never seen before",
            "ressort le plus d'une combinaison de valeurs jamais vue"};
  }
  const auto value = with_unit(suspect.value, *column.info);
  return {fmt::format("shows {} and stands out most in a combination of values never seen before",
                      value.en),
          fmt::format("affiche {} et ressort le plus d'une combinaison de valeurs jamais vue",
                      value.fr)};
}

/// Which of several sensors changed first, as a further part of the sentence; nothing where they
/// did so together. Signs within half a minute, or three frames, are of one instant.
Words changed_first(const Asset& asset, const Episode& episode, std::uint32_t lead) {
  const Sign* first = nullptr;
  for (const auto& sign : episode.signs) {
    if (sign.column == no_column) continue;
    if (first == nullptr || sign.first_since < first->first_since) first = &sign;
  }
  if (first == nullptr) return {};
  const auto instant = std::max<Duration>(3 * asset.period, std::chrono::seconds(30));
  const auto is_among_first = [&](const Sign& sign) {
    return sign.first_since - first->first_since <= instant;
  };
  const auto is_of_the_first = [&](std::uint32_t column) {
    return std::ranges::any_of(episode.signs, [&](const Sign& sign) {
      return sign.column == column && is_among_first(sign);
    });
  };
  if (std::ranges::all_of(episode.columns(), is_of_the_first)) return {};
  const bool is_lead = is_of_the_first(lead);
  const auto& info = *asset.columns[is_lead ? lead : first->column].info;
  const auto name = info.entity.empty() ? info.name() : info.entity.str();
  const auto in_stage = [&](std::string_view who, std::string_view stage) {
    return stage.empty() ? std::string(who) : fmt::format("{} ({})", who, stage);
  };
  const auto stage =
      info.stage_name.en.empty() ? Words{info.stage, info.stage} : Words(info.stage_name);
  if (is_lead) {
    return {in_stage("; it changed first", stage.en),
            in_stage(" ; il a changé en premier", stage.fr)};
  }
  return {fmt::format("; {} changed first", in_stage(name, stage.en)),
          fmt::format(" ; {} a changé en premier", in_stage(name, stage.fr))};
}

}  // namespace

Words sentence(const Asset& asset, const Episode& episode, const Finding& finding, Timestamp now) {
  const bool is_group = episode.columns().size() != 1;
  const auto why = cause_of(asset, episode, finding.kind);
  if (finding.suspects.empty()) {
    return {fmt::format("The asset as a whole is in a state never seen before: {}.", why.en),
            fmt::format("L'ensemble est dans un état jamais vu : {}.", why.fr)};
  }
  const auto& suspect = finding.suspects.front();
  const auto& column = column_of(asset, suspect.series);
  const auto place = static_cast<std::uint32_t>(&column - asset.columns.data());
  const auto name = named(*column.info);
  const auto* const lead = leading_sign(episode, place);
  const auto* const loop = lead == nullptr ? loop_behind(asset, episode) : nullptr;
  if (loop != nullptr && loop->hears == place) {
    const auto held = held_by_loop(column, suspect, companions(asset, finding));
    return {fmt::format("{} {}: {}.", name.en, held.en, why.en),
            fmt::format("{} {} : {}.", name.fr, held.fr, why.fr)};
  }
  const auto seen = seen_of(column, lead, suspect, now);
  const auto others = is_group ? companions(asset, finding) : Words{};
  const auto with_en = others.en.empty() ? "" : fmt::format(", together with {}", others.en);
  const auto with_fr = others.fr.empty() ? "" : fmt::format(", en même temps que {}", others.fr);
  const auto first = is_group ? changed_first(asset, episode, place) : Words{};
  return {fmt::format("{} {}{}{}: {}.", name.en, seen.en, with_en, first.en, why.en),
          fmt::format("{} {}{}{} : {}.", name.fr, seen.fr, with_fr, first.fr, why.fr)};
}

}  // namespace sosie::diagnosis
