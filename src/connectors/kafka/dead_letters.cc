#include "connectors/kafka/dead_letters.h"

#include <limits>

#include <fmt/format.h>

namespace sosie::kafka {
namespace {

constexpr std::size_t whole = std::numeric_limits<std::size_t>::max();
constexpr std::size_t shortened = std::size_t{64} << 10U;
constexpr auto letter_patience = std::chrono::seconds(10);

}  // namespace

Result<void> DeadLetters::add(const Message& message, const Partition& from,
                              const std::string& reason, const std::stop_token& stop) {
  if (topic_.empty()) return {};
  if (!producer_) producer_ = TRY(Producer::create(config_, letter_patience));
  letters_.push_back({message,
                      {{"sosie-reason", reason},
                       {"sosie-topic", from.topic},
                       {"sosie-partition", fmt::to_string(from.number)},
                       {"sosie-offset", fmt::to_string(message.offset)}}});
  return send(letters_.size() - 1, whole, stop);
}

Result<void> DeadLetters::send(std::size_t which, std::size_t keep, const std::stop_token& stop) {
  const auto& letter = letters_[which];
  return producer_->forward(letter.message, topic_, letter.headers, keep, which, stop);
}

Result<std::uint64_t> DeadLetters::flush(const std::stop_token& stop) {
  if (letters_.empty()) return std::uint64_t{0};
  for (;;) {
    auto failures = producer_->flush(stop);
    if (!failures) producer_.reset();  // broken, or full of what will be sent again
    const auto failed = TRY(std::move(failures));
    if (failed.empty()) break;
    for (const auto& failure : failed) {
      auto& letter = letters_[failure.mark];
      const bool is_whole = letter.headers.size() == 4;
      if (!failure.is_too_large || !is_whole || !letter.message.payload) {
        return Error{Errc::unavailable, failure.reason}.in(topic_);
      }
      letter.headers.emplace_back("sosie-size", fmt::to_string(letter.message.payload->size()));
      TRY(send(failure.mark, shortened, stop));
    }
  }
  const std::uint64_t sent = letters_.size();
  letters_.clear();
  return sent;
}

}  // namespace sosie::kafka
