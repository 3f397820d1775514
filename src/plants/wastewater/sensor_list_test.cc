#include "plants/wastewater/sensor_list.h"

#include <set>

#include <doctest/doctest.h>

namespace sosie::wastewater {
namespace {

const std::string titles =
    "tag,stage,quantity,unit,min,max,typical,sensor class,model expression in words,stage_en,"
    "quantity_en,location,t90_s,new_value_every_s,noise_sd,metric,stage_id\n";
const std::string good =
    "AIT-306-DO,Traitement biologique,oxygène dissous,mg/L,0,10,2.0,A,\"SO of reactor 5, input\","
    "Biological treatment,dissolved oxygen,reactor 5,60,5,0.022,o2_dissous,traitement_biologique\n";

std::string with(std::string row, const std::string& from, const std::string& to) {
  const auto at = row.find(from);
  REQUIRE(at != std::string::npos);
  return row.replace(at, from.size(), to);
}

TEST_CASE("sensor list: the station's own has its 127 sensors, one unit a metric") {
  const auto rows = read_sensor_list(SOSIE_ROOT "/scenarios/traffeyere/sensors.csv", "traffeyere");
  REQUIRE_MESSAGE(rows, (rows ? "" : rows.error().what));
  Result<std::vector<SensorRow>> copy = rows;
  CHECK((*copy).size() == 127);
  std::map<std::string, std::string> units;
  std::map<std::string, int> stages;
  for (const SensorRow& row : *copy) {
    CHECK(units.emplace(row.info.attribute, row.info.unit).first->second == row.info.unit);
    ++stages[row.info.stage];
  }
  const std::map<std::string, int> expected{
      {"pretraitement", 15},          {"decantation_primaire", 18}, {"traitement_biologique", 35},
      {"decantation_secondaire", 16}, {"traitement_tertiaire", 12}, {"desinfection", 8},
      {"traitement_des_boues", 10},   {"sortie_controle", 13}};
  CHECK(stages == expected);
}

TEST_CASE("sensor list: a row says how its sensor answers") {
  auto rows = parse_sensor_list(titles + good, "s.csv", "here");
  REQUIRE(rows);
  const SensorRow& row = (*rows).front();
  CHECK(row.info.asset == "here");
  CHECK(row.info.quantity.fr == "oxygène dissous");
  CHECK(row.lags == 2);
  CHECK(row.t90_s == 60);
  CHECK(row.every_steps == 1);
  CHECK(row.per_unit == 100);
}

TEST_CASE("sensor list: what is wrong is said with its place") {
  struct Case {
    std::string name;
    std::string text;
    std::string expected;
  };
  const Case cases[] = {
      {"empty", "", "s.csv:1: nothing where the titles were expected"},
      {"no rows", titles, "s.csv:2: no sensor at all"},
      {"another title", with(titles, "quantity,", "what,") + good,
       "s.csv:1: column 3: 'what' where 'quantity' was expected"},
      {"a title is missing", with(titles, ",stage_id", "") + good,
       "s.csv:1: column 17: 'nothing' where 'stage_id' was expected"},
      {"unknown tag", titles + with(good, "AIT-306-DO", "AIT-306-D0"),
       "s.csv:2: 'tag': 'AIT-306-D0' where a tag the model has ('AIT-306-DO'?) was expected"},
      {"twice", titles + good + good,
       "s.csv:3: 'tag': 'AIT-306-DO' where a tag that is not there twice was expected"},
      {"no number", titles + with(good, ",0,10,", ",0,ten,"),
       "s.csv:2: 'max': 'ten' where a number was expected"},
      {"upside down", titles + with(good, ",0,10,", ",10,0,"),
       "s.csv:2: 'max': '0' where more than 'min' was expected"},
      {"typical out of range", titles + with(good, ",2.0,", ",12,"),
       "s.csv:2: 'typical': '12' where a value from 'min' to 'max' was expected"},
      {"class", titles + with(good, ",A,", ",F,"),
       "s.csv:2: 'sensor class': 'F' where A, B0, B1, C0, C1, D, E or S was expected"},
      {"rhythm", titles + with(good, ",60,5,", ",60,7,"),
       "s.csv:2: 'new_value_every_s': '7' where a multiple of 5 s, a week at most was expected"},
      {"stage", titles + with(good, ",traitement_biologique", ",traitement_biologik"),
       "s.csv:2: 'stage_id': 'traitement_biologik' where traitement_biologique was expected"},
      {"metric", titles + with(good, ",o2_dissous", ",O2 dissous"),
       "s.csv:2: 'metric': 'O2 dissous' where a name in lower case, digits and _ was expected"},
      {"cut", titles + "AIT-306-DO,Traitement\n", "s.csv:2: 2 fields where 17 were expected"},
  };
  auto french = titles;
  french.replace(french.size() - 1, 1, ",location_fr\n");
  auto row = good;
  row.replace(row.size() - 1, 1, ",réacteur 5\n");
  CHECK((*parse_sensor_list(french + row, "s.csv", "here"))[0].info.place().fr == "réacteur 5");
  CHECK((*parse_sensor_list(titles + good, "s.csv", "here"))[0].info.place().fr == "reactor 5");
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto rows = parse_sensor_list(c.text, "s.csv", "here");
    CHECK((rows ? "taken" : rows.error().what) == c.expected);
  }
  const auto gone = read_sensor_list("/nowhere/sensors.csv", "here");
  CHECK_FALSE(gone);
}

}  // namespace
}  // namespace sosie::wastewater
