#include "connectors/kafka/source.h"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time_text.h"
#include "core/sift.h"
#include "messages/intake_names.h"

namespace sosie::kafka {
namespace {

constexpr auto nap = std::chrono::milliseconds(50);
constexpr auto between_looks = std::chrono::milliseconds(500);  ///< at lag and trouble
constexpr int looks_in_session = 8;
constexpr auto last_patience = std::chrono::seconds(5);  ///< for the journal, as we leave
/// How often it is asked whether more lies unread, while something does; and how long after trouble
/// a partition of which nothing was heard again counts as unread.
constexpr auto between_short_looks = std::chrono::milliseconds(50);
constexpr auto after_trouble = std::chrono::seconds(5);
constexpr auto after_message = std::chrono::seconds(2);
constexpr auto never = std::chrono::steady_clock::time_point::min();
constexpr std::size_t most_said = 20;        ///< reasons in the log
constexpr std::size_t most_in_flight = 256;  ///< batches

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
    is_ending_ = true;
    if (consumer_) consumer_->leave();
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  Result<void> run() {
    auto config = source_.config_.consumer;
    source_.sure_until_ = never;
    if (source_.member_.empty()) source_.member_ = own_name(intake_, config.group);
    config.instance = source_.member_;
    source_.homes_.begin();
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
  void leaving(bool is_lost) override {
    is_assigned_ = false;
    // As a member leaves for good, what it has found stays its own until the group has missed it.
    if (is_lost || !is_ending_) source_.sure_until_ = never;
    const auto end = stopwatch() + last_patience;
    while (!is_lost && !in_flight_.empty() && is_sure() && stopwatch() < end) {
      const auto settled = settle(nap);
      if (settled) continue;
      log::warning("kafka", "{}; whoever reads on reads it again", settled.error().what);
      return;
    }
  }

  Entry comes(std::uint32_t partition, std::int64_t next, const std::string& note) override {
    return moves_.is_on() ? moves_.comes(partition, consumer_->partition(partition), next, note)
                          : Entry{next, note};
  }
  /// What of it is not on disk yet is no more ours to commit, should it come back.
  void goes(std::uint32_t partition) override {
    for (auto& batch : in_flight_) {
      std::erase_if(batch.done, [&](const Done& done) { return done.partition == partition; });
    }
    if (moves_.is_on()) moves_.goes(partition);
  }
  void assigned() override {
    moves_.assigned();
    is_assigned_ = true;
    knows_whether_whole_ = false;
    asked_ = {};
  }

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
    newest_credible_ = intake_.newest_credible();
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
    } else {
      source_.homes_.tell_holds(handovers);
    }
    look_whether_whole(handovers);
    look_for_unread();
    source_.homes_.tell_waits(handovers);
    if (!consumer_->moved().empty() || !handovers.empty()) {
      TRY(put(std::move(handovers)));
    }
    TRY(put_read());
    TRY(settle(Duration::zero()));
    while (in_flight_.size() >= most_in_flight && is_sure() && !stop_.stop_requested()) {
      TRY(settle(nap));
    }
    look();
    source_.moves_ = moves_.under_way();
    source_.sure_until_ = is_assigned_ ? consumer_->sure_until() : never;
    return {};
  }

  /// Whether our partitions are certainly no other's: while we do not know, nothing is written.
  bool is_sure() const { return stopwatch() < consumer_->sure_until(); }

  /// What can never be a reading is refused here, and not by the intake: only here it can be given
  /// back, and as a whole.
  Result<void> read(const Message& message, std::vector<Reading>& readings) {
    const auto before = readings.size();
    TRY(source_.mapping_->read({message.key, message.payload, message.at}, names_, readings));
    for (const Reading& reading : std::span<const Reading>(readings).subspan(before)) {
      const auto why = why_impossible(reading, newest_credible_);
      if (why.empty()) continue;
      auto what = fmt::format("{} (read: {} at {})", why, reading.value, to_iso8601(reading.at));
      readings.resize(before);
      return Error{Errc::invalid, std::move(what)};
    }
    return {};
  }

  /// Our own dead letters and episodes, should a pattern mean them: they would come back for ever.
  bool is_own(std::uint32_t partition) const {
    const auto& topic = consumer_->partition(partition).topic;
    return topic == source_.config_.dead_letter || topic == source_.config_.episodes;
  }

  Result<void> take(const Message& message) {
    if (is_own(message.partition)) return {};
    const bool is_past = moves_.is_on() && moves_.is_past(message.partition, message.offset);
    auto& readings = is_past ? past_ : readings_;
    const auto before = readings.size();
    auto read = this->read(message, readings);
    const auto taken = std::span<const Reading>(readings).subspan(before);
    const auto& from = consumer_->partition(message.partition);
    if (moves_.is_on()) {
      moves_.note(message.partition, message.offset, taken);
    } else {
      source_.homes_.note(message.partition, from, taken);
    }
    if (read || is_past) return {};
    refusals_.push_back(
        {.source = "kafka",
         .reason = std::move(read).error().what,
         .sample = std::string(message.payload.value_or("").substr(0, sample_bytes)),
         .where = fmt::format("{} [{}] {}", from.topic, from.number, message.offset)});
    say(refusals_.back());
    return dead_letters_.add(message, from, refusals_.back().reason, stop_);
  }

  /// In the log each reason once, and not too many.
  void say(const Refusal& refusal) {
    if (said_.size() == most_said || !said_.insert(refusal.reason).second) return;
    const auto& topic = source_.config_.dead_letter;
    log::warning("kafka", "{}: {}; {}{}", refusal.where, refusal.reason,
                 topic.empty() ? "in quarantine" : "goes to " + topic,
                 said_.size() == most_said ? "; what else is refused is not said here" : "");
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
    if (moves_.is_on() && !is_sure()) return {};
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

  /// Whether others of our group have some of the partitions; asked once an assignment.
  void look_whether_whole(std::vector<Handover>& handovers) {
    if (!is_assigned_ || knows_whether_whole_) return;
    const auto is_whole = consumer_->has_all();
    if (!is_whole) return;
    knows_whether_whole_ = true;
    const auto what = *is_whole ? Handover::What::is_whole : Handover::What::in_part;
    handovers.insert(handovers.begin(), {what, source_.config_.consumer.group, {}, {}});
  }

  /// Of which partitions more lies unread, or has come just now: what others bring meanwhile may be
  /// ahead of what is on its way. While partitions move, nothing is known.
  void look_for_unread() {
    const auto now = stopwatch();
    for (const auto& position : consumer_->moved()) {
      if (position.partition >= brought_.size()) brought_.resize(position.partition + 1);
      brought_[position.partition] = now;
    }
    const bool is_near = source_.homes_.is_any_unread() || !consumer_->moved().empty();
    if (!is_assigned_ || now - asked_ < (is_near ? between_short_looks : between_looks)) return;
    asked_ = now;
    const bool was_away = in_trouble_ && now - *in_trouble_ < after_trouble;
    std::vector<Partition> unread;
    for (const auto i : consumer_->ours()) {
      const bool has_brought = i < brought_.size() && now - brought_[i] < after_message;
      if (was_away || has_brought || !consumer_->is_read(i)) {
        unread.push_back(consumer_->partition(i));
      }
    }
    source_.homes_.look(unread);
  }

  /// Behind what came with it.
  Result<void> put_read() {
    Delivery read;
    source_.homes_.tell_read(read.handovers);
    read.is_past = true;
    if (read.handovers.empty()) return {};
    return intake_.deliver(std::move(read), "kafka").ticket.number == 0 ? stopping()
                                                                        : Result<void>();
  }

  /// What is no message: commits, lag and trouble; twice a second, and often enough in a session
  /// for us to stay sure of it (Consumer::sure_until).
  void look() {
    const Duration every =
        std::min<Duration>(between_looks, source_.config_.consumer.session / looks_in_session);
    if (stopwatch() - looked_ < every) return;
    looked_ = stopwatch();
    consumer_->commit();
    auto trouble = consumer_->trouble();
    if (!trouble.empty()) in_trouble_ = stopwatch();
    const auto lag = trouble.empty() ? consumer_->lag() : std::nullopt;
    source_.lag_ = lag ? static_cast<std::int64_t>(*lag) : unknown;
    source_.trouble_.with([&](std::string& said) {
      if (said == trouble) return;
      if (trouble.empty()) {
        log::info("kafka", "{}: is back", source_.config_.consumer.client.brokers);
      } else {
        ++source_.troubles_;
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
  std::set<std::string> said_;  ///< reasons
  std::deque<InFlight> in_flight_;

  Timestamp newest_credible_;
  bool is_assigned_ = false;
  bool is_ending_ = false;
  bool knows_whether_whole_ = false;  ///< partitions do not move just now
  std::optional<std::chrono::steady_clock::time_point> in_trouble_;  ///< lately
  std::chrono::steady_clock::time_point asked_;                      ///< whether more lies unread
  std::vector<std::chrono::steady_clock::time_point> brought_;  ///< by partition: its last message
  std::chrono::steady_clock::time_point looked_;
  std::unique_ptr<Consumer> consumer_;
};

/// Nothing of what is on disk belongs to partitions that others may have by now.
bool KafkaSource::may_tell() const {
  return stopwatch() < sure_until_.load() && moves_ == episodes_.moves();
}

Result<void> KafkaSource::run(Intake& intake, std::stop_token stop) {
  trouble_.with([](std::string& said) { said.clear(); });
  auto ended = Life(*this, intake, stop).run();
  lag_ = unknown;
  if (stop.stop_requested()) return {};
  return ended;
}

SourceState KafkaSource::state() const {
  const auto lag = lag_.load();
  return {.trouble = trouble_.with([](const std::string& said) { return said; }),
          .lag = lag == unknown ? std::nullopt : std::optional(static_cast<std::uint64_t>(lag)),
          .dead_letters = dead_letters_.load(),
          .troubles = troubles_.load()};
}

}  // namespace sosie::kafka
