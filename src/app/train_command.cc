#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/stored.h"
#include "base/time_text.h"
#include "engine/training.h"
#include "wire/json/writer.h"

namespace sosie::app {
namespace {

struct TrainOptions {
  Place place{default_scenario};
  std::string from;
  std::string to;
  bool json = false;
};

Result<ModelCard> train_on(const TrainOptions& options, const Catalog& catalog) {
  auto stored = TRY(Stored::open(options.place));
  const auto span = TRY(read_span(options.from, options.to, *stored.store));
  auto scenario = TRY(Section::read_file(options.place.scenario));
  return train(scenario, catalog, fmt::format("{}/{}", options.place.data, stored.name),
               *stored.store, *stored.series, span.from, span.to);
}

int run(const TrainOptions& options, const Catalog& catalog) {
  const auto card = train_on(options, catalog);
  if (!card) return fail(card.error());
  if (options.json) {
    json::Writer out;
    out.begin_object();
    out.member("version", card->version);
    out.member("from", to_iso8601(card->from));
    out.member("to", to_iso8601(card->to));
    out.member("frames", card->frames);
    out.member("seed", card->seed);
    out.key("detectors");
    out.begin_array();
    for (const auto& name : card->detectors) out.value(name);
    out.end_array();
    out.end_object();
    std::printf("%s\n", out.text().c_str());
  } else {
    std::printf("model %u: %zu detectors, %llu frames from %s to %s; used from the next start on\n",
                card->version, card->detectors.size(),
                static_cast<unsigned long long>(card->frames), to_iso8601(card->from).c_str(),
                to_iso8601(card->to).c_str());
  }
  return Exit::done;
}

}  // namespace

void add_train(Program& program) {
  const auto options =
      std::make_shared<TrainOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand("train", "Learns a new model from the stored data");
  command->add_option("SCENARIO", options->place.scenario, "the scenario")->capture_default_str();
  command->add_option("--data", options->place.data, "folder of the data")->capture_default_str();
  command->add_option("--from", options->from, "since when, as 2026-11-01 or 7d; default: all");
  command->add_option("--to", options->to, "until when");
  command->add_flag("--json", options->json, "the model's card as JSON");
  command->footer("Example:\n  sosie train scenarios/traffeyere/traffeyere.toml --from 7d");
  command->callback([&program, options] {
    program.run = [&program, options] { return run(*options, program.catalog); };
  });
}

}  // namespace sosie::app
