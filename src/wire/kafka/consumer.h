#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "wire/kafka/config.h"

struct rd_kafka_topic_partition_list_s;  // NOLINT(readability-identifier-naming): librdkafka's

namespace sosie::kafka {

/// Where a group begins in a partition of which it has read nothing yet.
struct Start {
  enum class At { earliest, latest, time };
  At at = At::latest;
  Timestamp time;  ///< the first message of this time or after it
};

struct ConsumerConfig {
  Config client;
  std::vector<std::string> topics;  ///< names, and regular expressions that begin with '^'
  std::string group;
  std::string instance;  ///< one member of the group, for ever; empty: a new one each time
  std::string assignor = "range,roundrobin";
  Start start;
  Duration session = std::chrono::seconds(10);
};

/// A message as it came. Its views are valid until the next `receive`.
struct Message {
  std::uint32_t partition = 0;  ///< of Consumer::partition
  std::int64_t offset = 0;
  std::optional<std::string_view> key;
  std::optional<std::string_view> payload;  ///< none: a tombstone
  std::optional<Timestamp> at;              ///< when its producer made it, or the broker got it
  const void* native = nullptr;             ///< for Producer::forward
};

struct Partition {
  std::string topic;
  int number = 0;
};

/// A part of a partition: from an offset up to before another.
struct Stretch {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

/// Whether a topic is among those that are read. A pattern that is no expression matches nothing:
/// librdkafka says so.
bool is_meant(const std::vector<std::string>& topics, const std::string& topic);

/// How far a partition is read: everything before `next`. `committed`: what the group knows of it.
struct Position {
  std::uint32_t partition = 0;
  std::int64_t next = 0;
  std::int64_t committed = 0;
};

/// What a consumer asks its owner while partitions move. Called inside `receive` and `leave`,
/// on their thread.
class Keeper {
 public:
  virtual ~Keeper() = default;
  /// What the owner itself has on disk of a partition that comes: `to` is as far as it was read,
  /// and the group's offset then was `from` or later. None: nothing.
  virtual std::optional<Stretch> kept(const Partition& partition) = 0;
  /// Partitions are about to go: what can still be finished is to be told by `Consumer::done`.
  /// `is_lost`: they are another's by now, and nothing can.
  virtual void leaving(bool is_lost) = 0;

  struct Entry {
    std::int64_t from = 0;  ///< read from there: `next`, or before it
    std::string note;       ///< goes with `next` to the group before anything is read
  };
  /// A partition comes, and is new from `next` on; `note` is what was last committed with its place
  /// (Consumer::done), by whatever member. Should the group not take the Entry, it goes again.
  virtual Entry comes(std::uint32_t /*partition*/, std::int64_t next, const std::string& note) {
    return {next, note};
  }
  /// A partition goes; it may come back in the next assignment.
  virtual void goes(std::uint32_t /*partition*/) {}
  /// All that comes by this assignment has come.
  virtual void assigned() {}
};

/// One member of a consumer group.
///
/// What was read is committed once it is `done`, and not before. Where a member died between its
/// own writing and its commit, what its Keeper has counts: the group's offset then lies within the
/// stretch that is kept. An offset of the group outside of it was moved by somebody, and is obeyed.
/// Where a partition that comes is read on is committed before anything is read, so that a group
/// begins only once, and so that of two members that hold themselves for its owner one is refused.
///
/// A member that stood still for longer than its session may have lost its partitions without
/// having heard of it: `receive` gives nothing until the group has taken a commit of it again.
///
/// Threads: one at a time; librdkafka fetches ahead on its own.
class Consumer {
 public:
  /// Checks the configuration; opens nothing.
  static Result<std::unique_ptr<Consumer>> create(const ConsumerConfig& config, Keeper& keeper);
  /// Leaves, if it has not.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  /// Asks the cluster once, and joins the group. Errors (unavailable): why it cannot be reached.
  Result<void> connect(const std::stop_token& stop);

  /// Up to 10,000 messages, in order for each partition; waits for the first one until `patience`
  /// has passed. A cluster that goes away is waited for (see `trouble`). Errors: this member is
  /// thrown out, or cannot go on; make a new one.
  Result<std::span<const Message>> receive(Duration patience);

  /// Lets the keeper finish, and commits what is done. The last call; the keeper is needed no more.
  void leave();

  /// The partitions of which the last `receive` brought something.
  std::span<const Position> moved() const { return moved_; }
  const Partition& partition(std::uint32_t index) const { return partitions_[index].name; }

  /// Everything before `next` is on disk. `note` goes with it to whoever reads on (see Keeper).
  void done(std::uint32_t partition, std::int64_t next, std::string note = {});
  /// How far a partition was received; what the broker has removed counts as received.
  std::int64_t next(std::uint32_t partition) const { return partitions_[partition].next; }
  /// Tells the group what is done; does not wait for its answer. Where nothing is, says the same
  /// again in time, so that we know whether we are still a member.
  void commit();
  /// Until when our partitions are certainly no other's, by `stopwatch`: half a session after a
  /// commit that the group has taken was sent. Another gets them only a whole one after it; what is
  /// begun before the half is over has the other half to arrive.
  std::chrono::steady_clock::time_point sure_until() const;

  /// Messages in our partitions that were not received yet; none: it is not known of all of them,
  /// or none is ours.
  std::optional<std::uint64_t> lag() const;
  /// Whether nothing more lies unread in a partition, as far as is known; false: nothing is.
  bool is_read(std::uint32_t partition) const { return lag_of(partitions_[partition]) == 0; }
  std::vector<std::uint32_t> ours() const;
  /// Whether no partition of our topics is another's; none: the cluster does not say. Asks it.
  std::optional<bool> has_all() const;
  /// Why nothing comes; empty: all is well.
  std::string trouble();

 private:
  struct Native;
  struct Callbacks;
  struct Assigned {
    Partition name;
    bool is_ours = false;
    std::int64_t next = 0;
    std::int64_t done = 0;
    std::int64_t committed = -1;
    std::int64_t asked = -1;  ///< to be committed
    std::string note{};       ///< with `done`
    bool has_moved = false;
  };

  using NativeList = rd_kafka_topic_partition_list_s;

  Consumer(const ConsumerConfig& config, Keeper& keeper);
  Result<void> open();
  void close();
  void free_messages();
  void serve_events();
  void fetch(int wait_ms);
  void take(std::size_t index);
  void take_error(std::size_t index);
  bool is_any_ours() const;
  bool is_in_doubt() const;
  void hear_answers(int wait_ms);
  std::optional<std::uint64_t> lag_of(const Assigned& here) const;
  static void add(NativeList& list, const Assigned& here);
  std::uint32_t index_of(std::string_view topic, int number);
  void probe();

  ConsumerConfig config_;
  Keeper& keeper_;
  std::unique_ptr<Native> native_;
  std::vector<Assigned> partitions_;
  std::vector<Message> messages_;
  std::vector<Position> moved_;
  std::optional<Error> failure_;
  bool is_leaving_ = false;
  bool is_moving_ = false;  ///< between giving partitions up and the next assignment
  std::chrono::steady_clock::time_point confirmed_;  ///< a commit was sent that the group has taken
  std::chrono::steady_clock::time_point asked_;      ///< the last one was sent
  std::optional<std::chrono::steady_clock::time_point> in_doubt_;  ///< since when
  std::set<std::string> missing_;                                  ///< topics
  std::string refusal_;  ///< what the broker said of the group or a topic
  std::chrono::steady_clock::time_point probed_;
};

}  // namespace sosie::kafka
