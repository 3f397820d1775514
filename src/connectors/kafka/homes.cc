#include "connectors/kafka/homes.h"

#include <utility>

namespace sosie::kafka {

void Homes::note(std::uint32_t partition, const Partition& name,
                 std::span<const Reading> readings) {
  if (partition >= index_.size()) index_.resize(partition + 1, Shares::none);
  if (index_[partition] == Shares::none) index_[partition] = shares_.find(name);
  const auto share = index_[partition];
  if (share >= news_.size()) news_.resize(share + std::size_t{1});
  shares_.see(readings, share, news_[share]);
}

void Homes::tell_holds(std::vector<Handover>& out) {
  for (std::uint32_t i = 0; i < news_.size(); ++i) {
    if (news_[i].empty()) continue;
    out.push_back({Handover::What::holds, shares_[i].name, std::exchange(news_[i], {}), {}});
  }
}

void Homes::look(std::span<const Partition> unread) {
  unread_.clear();
  for (const Partition& partition : unread) unread_.insert(shares_[shares_.find(partition)].name);
}

void Homes::tell_waits(std::vector<Handover>& out) {
  for (const auto& name : unread_) {
    if (told_.insert(name).second) out.push_back({Handover::What::waits, name, {}, {}});
  }
}

void Homes::tell_read(std::vector<Handover>& out) {
  std::erase_if(told_, [&](const std::string& name) {
    if (unread_.contains(name)) return false;
    out.push_back({Handover::What::is_read, name, {}, {}});
    return true;
  });
}

}  // namespace sosie::kafka
