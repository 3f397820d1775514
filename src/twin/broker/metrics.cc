#include "twin/broker/metrics.h"

#include <utility>

#include "twin/broker/json_members.h"

namespace sosie::ngsi {
namespace {

constexpr std::size_t max_pairs = 10000;

void render_traffic(const Traffic& traffic, std::string& out) {
  Members members(out);
  const auto count = [&](std::string_view name, std::uint64_t value) {
    if (value > 0) members.number(name, static_cast<std::int64_t>(value));
  };
  count("incomingTransactions", traffic.in);
  count("incomingTransactionRequestSize", traffic.in_bytes);
  count("incomingTransactionResponseSize", traffic.answered_bytes);
  count("incomingTransactionErrors", traffic.errors);
  if (traffic.in > 0) {
    const std::chrono::duration<double> seconds = traffic.service_time;
    members.value("serviceTime", Value(seconds.count() / static_cast<double>(traffic.in)));
  }
  count("outgoingTransactions", traffic.out);
  count("outgoingTransactionRequestSize", traffic.out_bytes);
  count("outgoingTransactionErrors", traffic.out_errors);
}

/// "/a/b" is "a/b", and the root has a name that no path can have.
std::string path_key(std::string_view path) {
  if (path.ends_with("/#")) path.remove_suffix(2);
  if (path.starts_with('/')) path.remove_prefix(1);
  return path.empty() ? "root-subserv" : std::string(path);
}

}  // namespace

Traffic& Traffic::operator+=(const Traffic& other) {
  in += other.in;
  in_bytes += other.in_bytes;
  answered_bytes += other.answered_bytes;
  errors += other.errors;
  service_time += other.service_time;
  out += other.out;
  out_bytes += other.out_bytes;
  out_errors += other.out_errors;
  return *this;
}

void Metrics::add(std::string_view tenant, std::string_view path, const Traffic& traffic) {
  table_.with([&](Table& table) {
    const auto paths = table.tenants.find(tenant);
    if (paths != table.tenants.end()) {
      if (const auto there = paths->second.find(path); there != paths->second.end()) {
        there->second += traffic;
        return;
      }
    }
    const bool is_full = table.pairs >= max_pairs;
    if (!is_full) ++table.pairs;
    table.tenants[std::string(is_full ? "" : tenant)][std::string(is_full ? "/" : path)] += traffic;
  });
}

void Metrics::reset() {
  table_.with([](Table& table) { table = {}; });
}

std::string Metrics::render(bool then_reset) {
  const Table table =
      table_.with([&](Table& now) { return then_reset ? std::exchange(now, {}) : Table(now); });
  std::string out;
  {
    Members tree(out);
    Traffic all;
    {
      Members services(tree.key("services"));
      for (const auto& [tenant, paths] : table.tenants) {
        Members service(services.key(tenant.empty() ? "default-service" : tenant));
        Traffic sum;
        {
          Members subservices(service.key("subservs"));
          for (const auto& [path, traffic] : paths) {
            render_traffic(traffic, subservices.key(path_key(path)));
            sum += traffic;
          }
        }
        render_traffic(sum, service.key("sum"));
        all += sum;
      }
    }
    render_traffic(all, tree.key("sum"));
  }
  return out;
}

}  // namespace sosie::ngsi
