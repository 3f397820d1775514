#include "connectors/kafka/source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "messages/intake_names.h"

namespace sosie::kafka {
namespace {

constexpr auto nap = std::chrono::milliseconds(50);
constexpr auto between_looks = std::chrono::milliseconds(500);  ///< at lag and trouble
constexpr auto last_patience = std::chrono::seconds(5);         ///< for the journal, as we leave
constexpr std::size_t most_in_flight = 256;                     ///< batches

std::string key_of(const std::string& group, const Partition& partition) {
  return fmt::format("kafka/{}/{}/{}", group, partition.topic, partition.number);
}

std::optional<Stretch> stretch_from(std::string_view text) {
  const auto parts = split(text, ' ');
  if (parts.size() != 2) return std::nullopt;
  const auto from = to_integer(parts[0]);
  const auto to = to_integer(parts[1]);
  if (!from || !to) return std::nullopt;
  return Stretch{*from, *to};
}

/// This member's name in its group: the same for one store, and no other's, so that a restart gets
/// its partitions back at once.
std::string own_name(Intake& intake, const std::string& group) {
  const auto key = fmt::format("kafka/{}/member", group);
  if (const auto known = intake.recall(key)) return *known;
  std::array<std::uint32_t, 2> bits{};
  if (getentropy(bits.data(), sizeof bits) != 0) return {};
  auto name = fmt::format("sosie-{:08x}{:08x}", bits[0], bits[1]);
  intake.remember(key, name);
  return name;
}

}  // namespace

/// One connection's life.
class KafkaSource::Life final : Keeper {
 public:
  Life(KafkaSource& source, Intake& intake, std::stop_token stop)
      : source_(source),
        intake_(intake),
        names_(intake),
        stop_(std::move(stop)),
        moves_(source.episodes_, source.shares_, intake),
        dead_letters_(source.config_.consumer.client, source.config_.dead_letter) {}
  ~Life() override {
    if (consumer_) consumer_->leave();
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  Result<void> run() {
    auto config = source_.config_.consumer;
    if (source_.member_.empty()) source_.member_ = own_name(intake_, config.group);
    config.instance = source_.member_;
    consumer_ = TRY(Consumer::create(config, *this));
    if (moves_.is_on()) {  // what an earlier connection could not write goes before all else
      TRY(source_.episodes_.open());
      TRY(moves_.publish());
    }
    TRY(consumer_->connect(stop_));
    log::info("kafka", "{}: reads {} as one of group '{}'", config.client.brokers,
              fmt::join(config.topics, ", "), config.group);
    while (!stop_.stop_requested()) {
      TRY(hear());
    }
    return {};
  }

  std::optional<Stretch> kept(const Partition& partition) override {
    const auto text = intake_.recall(key_of(source_.config_.consumer.group, partition));
    return text ? stretch_from(*text) : std::nullopt;
  }

  /// What is on its way to disk is waited for. REQUIRES nothing of the consumer but `done`.
  void leaving() override {
    const auto end = stopwatch() + last_patience;
    while (!in_flight_.empty() && stopwatch() < end) {
      const auto settled = settle(nap);
      if (settled) continue;
      log::warning("kafka", "{}; whoever reads on reads it again", settled.error().what);
      return;
    }
  }

  std::int64_t comes(std::uint32_t partition, std::int64_t next, const std::string& note) override {
    return moves_.is_on() ? moves_.comes(partition, consumer_->partition(partition), next, note)
                          : next;
  }
  void goes(std::uint32_t partition) override {
    if (moves_.is_on()) moves_.goes(partition);
  }
  void assigned() override { moves_.assigned(); }

 private:
  struct Done {
    std::uint32_t partition = 0;
    std::int64_t next = 0;
    std::string note;
  };
  struct InFlight {
    Ticket ticket;
    std::vector<Done> done;
  };

  Result<void> hear() {
    const auto messages = TRY(consumer_->receive(nap));
    readings_.clear();
    refusals_.clear();
    if (moves_.is_on()) {
      TRY(moves_.begin(stop_));
    }
    for (const auto& message : messages) {
      TRY(take(message));
    }
    std::vector<Handover> handovers;
    if (moves_.is_on()) {
      TRY(put_past());
      handovers =
          moves_.before_new([this](std::uint32_t partition) { return consumer_->next(partition); });
    }
    if (!consumer_->moved().empty() || !handovers.empty()) {
      TRY(put(std::move(handovers)));
    }
    TRY(settle(Duration::zero()));
    while (in_flight_.size() >= most_in_flight && !stop_.stop_requested()) {
      TRY(settle(nap));
    }
    look();
    return {};
  }

  Result<void> take(const Message& message) {
    const bool is_past = moves_.is_on() && moves_.is_past(message.partition, message.offset);
    auto& readings = is_past ? past_ : readings_;
    const auto before = readings.size();
    auto read =
        source_.mapping_->read({message.key, message.payload, message.at}, names_, readings);
    if (moves_.is_on()) {
      moves_.note(message.partition, message.offset,
                  std::span<const Reading>(readings).subspan(before));
    }
    if (read || is_past) return {};
    const auto& from = consumer_->partition(message.partition);
    refusals_.push_back(
        {.source = "kafka",
         .reason = std::move(read).error().what,
         .sample = std::string(message.payload.value_or("").substr(0, sample_bytes)),
         .where = fmt::format("{} [{}] {}", from.topic, from.number, message.offset)});
    return dead_letters_.add(message, from, refusals_.back().reason, stop_);
  }

  Result<void> put_past() {
    Delivery past;
    past.handovers = moves_.before_past();
    past.readings = past_;
    past.is_past = true;
    if (past_.empty() && past.handovers.empty()) return {};
    if (intake_.deliver(std::move(past), "kafka").ticket.number == 0) return stopping();
    past_.clear();
    return {};
  }

  /// Hands over the batch as one piece with its place.
  Result<void> put(std::vector<Handover> handovers) {
    const auto sent_back = TRY(dead_letters_.flush(stop_));
    source_.dead_letters_ += sent_back;
    Delivery delivery{.readings = readings_,
                      .refusals = std::move(refusals_),
                      .remembered = {},
                      .handovers = std::move(handovers)};
    std::vector<Done> done;
    for (const auto& position : consumer_->moved()) {
      std::string note;
      if (moves_.is_on()) {
        auto made = moves_.end(position.partition, position.next);
        if (!made) continue;  // all of the past
        note = std::move(*made);
      }
      delivery.remembered.emplace_back(
          key_of(source_.config_.consumer.group, consumer_->partition(position.partition)),
          fmt::format("{} {}", position.committed, position.next));
      done.push_back({position.partition, position.next, std::move(note)});
    }
    const auto admission = intake_.deliver(std::move(delivery), "kafka");
    if (admission.ticket.number == 0) return stopping();
    in_flight_.push_back({admission.ticket, std::move(done)});
    return {};
  }

  static Error stopping() { return Error{Errc::unavailable, "the program is stopping"}; }

  /// Tells the consumer what is on disk by now, and its episodes where the next worker finds them.
  Result<void> settle(Duration wait) {
    std::vector<Done> done;
    while (!in_flight_.empty() && intake_.wait_durable(in_flight_.front().ticket, wait)) {
      auto& front = in_flight_.front().done;
      done.insert(done.end(), std::move_iterator(front.begin()), std::move_iterator(front.end()));
      in_flight_.pop_front();
    }
    if (moves_.is_on()) {
      TRY(moves_.publish());
    }
    for (auto& one : done) consumer_->done(one.partition, one.next, std::move(one.note));
    return {};
  }

  /// What is no message: commits, lag and trouble, twice a second.
  void look() {
    if (stopwatch() - looked_ < between_looks) return;
    looked_ = stopwatch();
    consumer_->commit();
    source_.lag_ = consumer_->lag();
    auto trouble = consumer_->trouble();
    source_.trouble_.with([&](std::string& said) {
      if (said == trouble) return;
      if (trouble.empty()) {
        log::info("kafka", "{}: is back", source_.config_.consumer.client.brokers);
      } else {
        log::warning("kafka", "{}; waiting for it", trouble);
      }
      said = std::move(trouble);
    });
  }

  KafkaSource& source_;
  Intake& intake_;
  messages::IntakeNames names_;
  const std::stop_token stop_;
  Moves moves_;
  DeadLetters dead_letters_;
  std::vector<Reading> readings_;
  std::vector<Reading> past_;
  std::vector<Refusal> refusals_;
  std::deque<InFlight> in_flight_;

  std::chrono::steady_clock::time_point looked_;
  std::unique_ptr<Consumer> consumer_;
};

Result<void> KafkaSource::run(Intake& intake, std::stop_token stop) {
  trouble_.with([](std::string& said) { said.clear(); });
  auto ended = Life(*this, intake, stop).run();
  if (stop.stop_requested()) return {};
  return ended;
}

SourceState KafkaSource::state() const {
  return {.trouble = trouble_.with([](const std::string& said) { return said; }),
          .lag = lag_.load(),
          .dead_letters = dead_letters_.load()};
}

}  // namespace sosie::kafka
