#include <filesystem>

#include <unistd.h>

#include "app/bench.h"
#include "app/service.h"
#include "base/process.h"
#include "wire/http/client.h"

namespace sosie::app {
namespace {

struct Started {
  double first_page_s = 0;
  double history_s = 0;
  double memory_mb = 0;
  LatencyHistogram::Snapshot prediction;
  LatencyHistogram::Snapshot explained;
};

Result<Started> start_once(const std::string& file, const Catalog& catalog,
                           const std::string& folder) {
  const auto began = stopwatch();
  Service::Options options;
  options.engine.data_folder = folder;
  options.port = 18'090;
  auto scenario = TRY(Section::read_file(file));
  auto service = TRY(Service::create(std::move(scenario), catalog, options));
  TRY(service.start());
  http::Request request;
  request.url = service.site().addresses().front() + "/";
  const auto page = TRY(http::fetch(request));
  if (page.status != 200) {
    return Error{Errc::unavailable, fmt::format("the first page answered {}", page.status)};
  }
  Started started;
  started.first_page_s = seconds_since(began);
  service.wait_for_history({});
  started.history_s = seconds_since(began);
  started.memory_mb = static_cast<double>(resident_bytes()) / 1e6;
  started.prediction = service.engine().statistics().prediction.snapshot();
  started.explained = service.engine().statistics().explained.snapshot();
  service.stop();
  return started;
}

}  // namespace

Result<void> bench_start(const std::string& scenario, const Catalog& catalog,
                         std::vector<Measured>& lines) {
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("sosie-bench-start-{}", ::getpid());
  const auto first = start_once(scenario, catalog, folder.string());
  const auto later = first ? start_once(scenario, catalog, folder.string()) : first;
  std::filesystem::remove_all(folder);
  if (!first) return first.error();
  if (!later) return later.error();
  lines.push_back({"all detectors and the diagnosis, one frame of 127, P95",
                   first->prediction.quantile(0.95) * 1e6, "us", 30, 16});
  lines.push_back({"the same where something was explained and reported, P95",
                   first->explained.quantile(0.95) * 1e6, "us", 130, 60});
  lines.push_back({"first start: history made, watched and stored", first->history_s, "s", 10, 3});
  lines.push_back({"later start to the first page", later->first_page_s, "s", 2, 0.5});
  lines.push_back({"memory, after the first start", first->memory_mb, "MB", 100, 60});
  return {};
}

}  // namespace sosie::app
