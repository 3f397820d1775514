#include "wire/kafka/consumer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>
#include <regex.h>

#include "base/log.h"
#include "wire/kafka/handle.h"
#include "wire/kafka/placing.h"

namespace sosie::kafka {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t batch_messages = 10'000;
constexpr auto first_contact = std::chrono::seconds(5);
constexpr auto between_probes = std::chrono::seconds(1);
constexpr int probe_ms = 500;
constexpr int commit_ms = 5000;
constexpr int down_ms = 500;
constexpr auto doubt_patience = std::chrono::seconds(3);
constexpr auto last_patience = std::chrono::seconds(10);
constexpr int close_nap_ms = 50;

std::optional<Timestamp> time_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const auto ms = rd_kafka_message_timestamp(&message, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < 0) return std::nullopt;
  return Timestamp(milliseconds(ms));
}

/// What librdkafka gets over by itself, and says no word of when it has.
bool is_passing(rd_kafka_resp_err_t code) {
  return code < RD_KAFKA_RESP_ERR_UNKNOWN ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
}

/// What the group says to one that is no member of it now, or soon will not be: another assignment
/// follows.
bool is_of_rebalance(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
         code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
         code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;
}

/// When a commit was sent goes with it.
void* to_opaque(std::chrono::steady_clock::time_point at) {
  return reinterpret_cast<void*>(  // NOLINT(performance-no-int-to-ptr)
      static_cast<std::uintptr_t>(at.time_since_epoch().count()));
}

std::chrono::steady_clock::time_point time_from(void* opaque) {
  return std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(
      static_cast<std::chrono::steady_clock::rep>(reinterpret_cast<std::uintptr_t>(opaque))));
}

bool is_cooperative(rd_kafka_t* handle) {
  return std::string_view(rd_kafka_rebalance_protocol(handle)) == "COOPERATIVE";
}

}  // namespace

struct Consumer::Native {
  rd_kafka_t* handle = nullptr;
  Queue messages;  ///< of all our partitions; what else happens comes by the consumer's own queue
  Queue answers;   ///< to commits
  std::vector<rd_kafka_message_t*> batch;
  std::size_t received = 0;
  const rd_kafka_topic_t* last_topic = nullptr;  ///< for `take`: nearly always the same again
  int last_number = 0;
  std::uint32_t last_index = 0;
  Complaints complaints;
};

/// What librdkafka calls, inside serve_events and `leave`.
struct Consumer::Callbacks {
  static void rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code,
                        rd_kafka_topic_partition_list_t* list, void* opaque) {
    auto& self = *static_cast<Consumer*>(opaque);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      assign(self, handle, *list);
    } else {
      revoke(self, handle, *list);
    }
  }

  static void assign(Consumer& self, rd_kafka_t* handle,
                     const rd_kafka_topic_partition_list_t& list) {
    const PartitionList chosen(rd_kafka_topic_partition_list_copy(&list));
    if (self.is_leaving_) chosen->cnt = 0;  // the cluster would not answer any more
    auto places = find_places(handle, *chosen, self.config_.start, self.keeper_);
    self.is_moving_ = false;
    if (!places) {
      self.failure_ = std::move(places).error();
      chosen->cnt = 0;  // nothing is read from a place that is not known
    } else {
      for (std::size_t i = 0; i < (*places).size(); ++i) {
        come(self, handle, chosen->elems[i], (*places)[i]);
      }
      if (enter(self, handle, *chosen)) self.keeper_.assigned();
    }
    if (is_cooperative(handle)) {
      const KafkaError failed(rd_kafka_incremental_assign(handle, chosen.get()));
      if (failed) self.failure_ = Error{Errc::unavailable, rd_kafka_error_string(failed.get())};
    } else {
      rd_kafka_assign(handle, chosen.get());
    }
  }

  /// Commits where we begin, and what goes with it. A member that the group does not know any more
  /// takes nothing: it is assigned anew.
  static bool enter(Consumer& self, rd_kafka_t* handle, rd_kafka_topic_partition_list_t& chosen) {
    const auto asked = stopwatch();
    const PartitionList begins(rd_kafka_topic_partition_list_new(chosen.cnt));
    for (int i = 0; i < chosen.cnt; ++i) {
      add(*begins,
          self.partitions_[self.index_of(chosen.elems[i].topic, chosen.elems[i].partition)]);
    }
    if (chosen.cnt == 0) return true;
    const auto failed = commit_now(handle, *begins, commit_ms);
    if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) {
      self.confirmed_ = asked;
      for (int i = 0; i < chosen.cnt; ++i) {
        auto& here =
            self.partitions_[self.index_of(chosen.elems[i].topic, chosen.elems[i].partition)];
        here.committed = here.asked = here.done;
      }
      return true;
    }
    for (int i = 0; i < chosen.cnt; ++i) leave_again(self, chosen.elems[i]);
    chosen.cnt = 0;
    self.is_moving_ = true;
    if (is_of_rebalance(failed)) {
      log::info("kafka", "partitions move again before they were here");
    } else {
      self.failure_ = to_error(failed).in("committing where to begin");
    }
    return false;
  }

  static void leave_again(Consumer& self, const rd_kafka_topic_partition_t& part) {
    const auto index = self.index_of(part.topic, part.partition);
    self.partitions_[index].is_ours = false;
    self.keeper_.goes(index);
  }

  static void come(Consumer& self, rd_kafka_t* handle, rd_kafka_topic_partition_t& part,
                   const Place& place) {
    const Queue own(rd_kafka_queue_get_partition(handle, part.topic, part.partition));
    if (own) rd_kafka_queue_forward(own.get(), self.native_->messages.get());
    const auto index = self.index_of(part.topic, part.partition);
    auto& here = self.partitions_[index];
    here.is_ours = true;
    here.done = place.next;
    auto entry = self.keeper_.comes(index, place.next, place.note);
    here.next = std::max(place.first, entry.from);
    here.committed = here.asked = place.committed;
    here.note = std::move(entry.note);
    part.offset = here.next;
    self.missing_.erase(part.topic);
    self.refusal_.clear();
    log::info("kafka", "{} [{}]: read from {}{}", part.topic, part.partition, place.next,
              here.next < place.next ? fmt::format(", its past from {}", here.next) : "");
  }

  static void revoke(Consumer& self, rd_kafka_t* handle, rd_kafka_topic_partition_list_t& list) {
    const bool is_lost = rd_kafka_assignment_lost(handle) != 0;
    self.keeper_.leaving(is_lost);
    const PartitionList finished(rd_kafka_topic_partition_list_new(list.cnt));
    for (int i = 0; i < list.cnt; ++i) go(self, list.elems[i], *finished);
    if (is_lost) {
      log::warning("kafka", "partitions were lost before what was read of them could be committed");
    } else if (finished->cnt > 0) {
      const auto failed =
          commit_now(handle, *finished, self.native_->complaints.is_down ? down_ms : commit_ms);
      if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
        log::warning("kafka", "what was read could not be committed: {}", rd_kafka_err2str(failed));
      }
    }
    if (is_cooperative(handle)) {
      const KafkaError ignored(rd_kafka_incremental_unassign(handle, &list));
    } else {
      rd_kafka_assign(handle, nullptr);
    }
    self.is_moving_ = true;
  }

  /// Waits for the answer, but, unlike librdkafka's own waiting, not for a minute where no broker
  /// is.
  static rd_kafka_resp_err_t commit_now(rd_kafka_t* handle,
                                        const rd_kafka_topic_partition_list_t& offsets,
                                        int patience_ms) {
    const Queue answers(rd_kafka_queue_new(handle));
    rd_kafka_commit_queue(handle, &offsets, answers.get(), nullptr, nullptr);
    auto* const answer = rd_kafka_queue_poll(answers.get(), patience_ms);
    const auto failed =
        answer == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(answer);
    if (answer != nullptr) rd_kafka_event_destroy(answer);
    return failed;
  }

  static void go(Consumer& self, const rd_kafka_topic_partition_t& part,
                 rd_kafka_topic_partition_list_t& finished) {
    auto& here = self.partitions_[self.index_of(part.topic, part.partition)];
    if (here.is_ours && here.done > here.committed) {
      self.add(finished, here);
    }
    if (here.is_ours && !self.is_leaving_) {
      self.keeper_.goes(self.index_of(part.topic, part.partition));
    }
    here.is_ours = false;
    log::info("kafka", "{} [{}]: given up at {}", part.topic, part.partition, here.done);
  }

  static void answered(Consumer& self, rd_kafka_event_t* answer) {
    const bool is_taken = rd_kafka_event_error(answer) == RD_KAFKA_RESP_ERR_NO_ERROR;
    const auto* const list = rd_kafka_event_topic_partition_list(answer);
    for (int i = 0; list != nullptr && i < list->cnt; ++i) {
      const auto& part = list->elems[i];
      auto& here = self.partitions_[self.index_of(part.topic, part.partition)];
      if (is_taken && part.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        here.committed = std::max(here.committed, part.offset);
      } else {
        here.asked = here.committed;  // so it is asked for again
      }
    }
    if (!is_taken) return;
    self.confirmed_ = std::max(self.confirmed_, time_from(rd_kafka_event_opaque(answer)));
  }

  static void error(rd_kafka_t* handle, int code, const char* reason, void* opaque) {
    auto& self = *static_cast<Consumer*>(opaque);
    const auto kind = static_cast<rd_kafka_resp_err_t>(code);
    if (kind == RD_KAFKA_RESP_ERR__FATAL) {
      std::array<char, 512> why{};
      rd_kafka_fatal_error(handle, why.data(), why.size());
      self.failure_ = Error{Errc::unavailable, why.data()};
      return;
    }
    note(self.native_->complaints, kind, reason);
  }
};

Consumer::Consumer(const ConsumerConfig& config, Keeper& keeper)
    : config_(config), keeper_(keeper), native_(std::make_unique<Native>()) {}

Result<std::unique_ptr<Consumer>> Consumer::create(const ConsumerConfig& config, Keeper& keeper) {
  std::unique_ptr<Consumer> made(new Consumer(config, keeper));
  TRY(made->open());
  return made;
}

Result<void> Consumer::open() {
  auto conf = TRY(make_conf(config_.client));
  TRY(set(*conf, "group.id", config_.group));
  if (!config_.instance.empty()) {
    TRY(set(*conf, "group.instance.id", config_.instance));
  }
  TRY(set(*conf, "partition.assignment.strategy", config_.assignor));
  TRY(set(*conf, "session.timeout.ms", std::to_string(config_.session / milliseconds(1))));
  // How soon a member hears that partitions are to move.
  const auto heartbeat = std::min<Duration>(config_.session / 6, std::chrono::seconds(1));
  TRY(set(*conf, "heartbeat.interval.ms", std::to_string(heartbeat / milliseconds(1))));
  TRY(set(*conf, "enable.auto.commit", "false"));
  TRY(set(*conf, "enable.auto.offset.store", "false"));
  // Where to begin is decided in find_places; this is for what the broker deletes under our feet.
  TRY(set(*conf, "auto.offset.reset", "earliest"));
  TRY(set(*conf, "enable.partition.eof", "true"));  // so that what was removed is known (next)
  TRY(set(*conf, "topic.metadata.refresh.interval.ms", "5000"));  // topics that come later
  TRY(set(*conf, "queued.max.messages.kbytes", "32768"));
  for (const auto& [name, value] : config_.client.options) {
    TRY(set(*conf, name, value));
  }
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_rebalance_cb(conf.get(), Callbacks::rebalance);
  rd_kafka_conf_set_error_cb(conf.get(), Callbacks::error);
  std::array<char, 512> why{};
  auto* const given = conf.release();  // the handle's, unless there is none
  native_->handle = rd_kafka_new(RD_KAFKA_CONSUMER, given, why.data(), why.size());
  if (native_->handle == nullptr) {
    const Conf back(given);
    return Error{Errc::invalid, why.data()};
  }
  rd_kafka_poll_set_consumer(native_->handle);
  native_->messages.reset(rd_kafka_queue_new(native_->handle));
  native_->answers.reset(rd_kafka_queue_new(native_->handle));
  native_->batch.resize(batch_messages);
  return {};
}

Consumer::~Consumer() {
  leave();
}

void Consumer::leave() {
  if (native_->handle == nullptr) return;
  free_messages();
  is_leaving_ = true;
  close();
  native_->messages.reset();
  native_->answers.reset();
  rd_kafka_destroy_flags(native_->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  native_->handle = nullptr;
}

/// Our partitions are taken from us (Callbacks::revoke). Not by rd_kafka_consumer_close: where the
/// broker died with a commit under way, that waits for ever.
void Consumer::close() {
  const Queue events(rd_kafka_queue_new(native_->handle));
  const KafkaError failed(rd_kafka_consumer_close_queue(native_->handle, events.get()));
  const auto end = stopwatch() + last_patience;
  while (!failed && rd_kafka_consumer_closed(native_->handle) == 0 && stopwatch() < end) {
    auto* const event = rd_kafka_queue_poll(events.get(), close_nap_ms);
    if (event == nullptr) continue;
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE) {
      Callbacks::rebalance(native_->handle, rd_kafka_event_error(event),
                           rd_kafka_event_topic_partition_list(event), this);
    }
    rd_kafka_event_destroy(event);
  }
}

Result<void> Consumer::connect(const std::stop_token& stop) {
  const auto end = stopwatch() + first_contact;
  for (;;) {
    const struct rd_kafka_metadata* found = nullptr;
    const auto failed = rd_kafka_metadata(native_->handle, 0, nullptr, &found, probe_ms);
    const Metadata metadata(found);
    if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    serve_events();  // brings the complaints
    if (stop.stop_requested()) return Error{Errc::unavailable, "asked to stop"};
    if (stopwatch() >= end || native_->complaints.is_down) {
      const auto& last = native_->complaints.last;
      return Error{Errc::unavailable, last.empty() ? to_error(failed).what : last}.in(
          config_.client.brokers);
    }
  }
  native_->complaints = {};
  const PartitionList topics(
      rd_kafka_topic_partition_list_new(static_cast<int>(config_.topics.size())));
  for (const auto& topic : config_.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const auto failed = rd_kafka_subscribe(native_->handle, topics.get());
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(failed).in("subscribing");
  return {};
}

void Consumer::free_messages() {
  for (std::size_t i = 0; i < native_->received; ++i) {
    rd_kafka_message_destroy(native_->batch[i]);
  }
  native_->received = 0;
  messages_.clear();
  for (const auto& position : moved_) partitions_[position.partition].has_moved = false;
  moved_.clear();
}

/// Whether a topic is among those that are read. A pattern that is no expression matches nothing:
/// librdkafka says so.
bool is_meant(const std::vector<std::string>& topics, const std::string& topic) {
  return std::ranges::any_of(topics, [&](const std::string& read) {
    if (!read.starts_with('^')) return read == topic;
    regex_t pattern{};
    if (regcomp(&pattern, read.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
    const bool is_match = regexec(&pattern, topic.c_str(), 0, nullptr, 0) == 0;
    regfree(&pattern);
    return is_match;
  });
}

Result<std::span<const Message>> Consumer::receive(Duration patience) {
  free_messages();
  hear_answers(0);
  serve_events();
  if (failure_) return *failure_;
  const auto wait_ms = static_cast<int>(std::chrono::ceil<milliseconds>(patience).count());
  if (is_in_doubt()) {
    if (!in_doubt_) in_doubt_ = stopwatch();
    commit();
    hear_answers(wait_ms);
  } else {
    in_doubt_.reset();
    fetch(wait_ms);
  }
  for (std::size_t i = 0; i < native_->received; ++i) take(i);
  for (auto& position : moved_) {
    position.next = partitions_[position.partition].next;
    position.committed = std::max<std::int64_t>(0, partitions_[position.partition].committed);
  }
  if (!messages_.empty()) refusal_.clear();
  return std::span<const Message>(messages_);
}

void Consumer::fetch(int wait_ms) {
  auto* const queue = native_->messages.get();
  auto& batch = native_->batch;
  // A whole batch is waited for until it is full or the time is over; a first message is not.
  const auto first = native_->received;
  auto got = rd_kafka_consume_batch_queue(queue, wait_ms, batch.data() + first, 1);
  if (got == 1 && first + 1 < batch.size()) {
    got += std::max<ssize_t>(0, rd_kafka_consume_batch_queue(queue, 0, batch.data() + first + 1,
                                                             batch.size() - first - 1));
  }
  if (got > 0) native_->received += static_cast<std::size_t>(got);
}

/// Everything that is no message: rebalances, answers to commits, complaints.
void Consumer::serve_events() {
  while (native_->received < native_->batch.size() / 2) {
    auto* const event = rd_kafka_consumer_poll(native_->handle, 0);
    if (event == nullptr) return;
    native_->batch[native_->received++] = event;  // looked at with the others
  }
}

void Consumer::take(std::size_t index) {
  const auto& raw = *native_->batch[index];
  if (raw.err != RD_KAFKA_RESP_ERR_NO_ERROR) return take_error(index);
  if (raw.rkt != native_->last_topic || raw.partition != native_->last_number) {
    native_->last_index = index_of(rd_kafka_topic_name(raw.rkt), raw.partition);
    native_->last_topic = raw.rkt;
    native_->last_number = raw.partition;
  }
  auto& here = partitions_[native_->last_index];
  if (!here.is_ours || raw.offset < here.next) return;  // of before a rebalance
  here.next = raw.offset + 1;
  if (!here.has_moved) moved_.push_back({.partition = native_->last_index});
  here.has_moved = true;
  Message message;
  message.partition = native_->last_index;
  message.offset = raw.offset;
  message.native = &raw;
  if (raw.key != nullptr) {
    message.key = std::string_view(static_cast<const char*>(raw.key), raw.key_len);
  }
  if (raw.payload != nullptr) {
    message.payload = std::string_view(static_cast<const char*>(raw.payload), raw.len);
  }
  message.at = time_of(raw);
  messages_.push_back(message);
}

void Consumer::take_error(std::size_t index) {
  const auto& raw = *native_->batch[index];
  const char* const words = rd_kafka_message_errstr(&raw);
  switch (raw.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      if (raw.rkt != nullptr) {
        auto& here = partitions_[index_of(rd_kafka_topic_name(raw.rkt), raw.partition)];
        if (here.is_ours) here.next = std::max(here.next, raw.offset);
      }
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      if (raw.rkt != nullptr) missing_.insert(rd_kafka_topic_name(raw.rkt));
      break;
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:  // it is let in again by the next polls
      log::warning("kafka", "was busy for too long and lost its partitions; joins again");
      break;
    default:
      log::debug("kafka", "{}", words == nullptr ? rd_kafka_err2str(raw.err) : words);
      if (!is_passing(raw.err)) refusal_ = words == nullptr ? rd_kafka_err2str(raw.err) : words;
  }
}

/// To a list of what is to be committed.
void Consumer::add(NativeList& list, const Assigned& here) {
  auto* const one =
      rd_kafka_topic_partition_list_add(&list, here.name.topic.c_str(), here.name.number);
  one->offset = here.done;
  if (here.note.empty()) return;
  one->metadata = ::strdup(here.note.c_str());  // the list's from here on
  one->metadata_size = here.note.size();
}

std::uint32_t Consumer::index_of(std::string_view topic, int number) {
  for (std::uint32_t i = 0; i < partitions_.size(); ++i) {
    if (partitions_[i].name.number == number && partitions_[i].name.topic == topic) return i;
  }
  partitions_.push_back({.name = {std::string(topic), number}});
  return static_cast<std::uint32_t>(partitions_.size() - 1);
}

void Consumer::done(std::uint32_t partition, std::int64_t next, std::string note) {
  auto& here = partitions_[partition];
  if (!here.is_ours || next < here.done) return;
  here.done = next;
  here.note = std::move(note);
}

void Consumer::commit() {
  // By now the group may count its generations on: a commit under the old number would be refused,
  // and the partitions that we keep be taken for lost.
  if (is_moving_) return;
  const PartitionList list(rd_kafka_topic_partition_list_new(4));
  for (auto& here : partitions_) {
    if (!here.is_ours || here.done <= here.asked) continue;
    add(*list, here);
    here.asked = here.done;
  }
  const auto ours = std::ranges::find(partitions_, true, &Assigned::is_ours);
  const auto now = stopwatch();
  if (list->cnt == 0 && ours != partitions_.end() &&
      now - std::max(confirmed_, asked_) > config_.session / 4) {
    add(*list, *ours);
  }
  if (list->cnt == 0) return;
  rd_kafka_commit_queue(native_->handle, list.get(), native_->answers.get(), nullptr,
                        to_opaque(now));
  asked_ = now;
}

void Consumer::hear_answers(int wait_ms) {
  while (auto* const answer = rd_kafka_queue_poll(native_->answers.get(), wait_ms)) {
    if (rd_kafka_event_type(answer) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
      Callbacks::answered(*this, answer);
    }
    rd_kafka_event_destroy(answer);
    wait_ms = 0;
  }
}

bool Consumer::is_any_ours() const {
  return std::ranges::any_of(partitions_, &Assigned::is_ours);
}

bool Consumer::is_in_doubt() const {
  return is_any_ours() && stopwatch() - confirmed_ > config_.session;
}

std::chrono::steady_clock::time_point Consumer::sure_until() const {
  using Time = std::chrono::steady_clock::time_point;
  if (is_moving_) return Time::min();
  return is_any_ours() ? confirmed_ + config_.session / 2 : Time::max();
}

/// By what the broker said with the last messages; none: it has not said anything yet.
std::optional<std::uint64_t> Consumer::lag_of(const Assigned& here) const {
  std::int64_t low = 0;
  std::int64_t high = 0;
  const auto failed = rd_kafka_get_watermark_offsets(native_->handle, here.name.topic.c_str(),
                                                     here.name.number, &low, &high);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR || high < 0) return std::nullopt;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, high - here.next));
}

std::optional<std::uint64_t> Consumer::lag() const {
  std::uint64_t lag = 0;
  bool is_any_ours = false;
  for (const auto& here : partitions_) {
    if (!here.is_ours) continue;
    const auto of_this = lag_of(here);
    if (!of_this) return std::nullopt;
    lag += *of_this;
    is_any_ours = true;
  }
  return is_any_ours ? std::optional(lag) : std::nullopt;
}

std::vector<std::uint32_t> Consumer::ours() const {
  std::vector<std::uint32_t> partitions;
  partitions.reserve(partitions_.size());
  for (std::uint32_t i = 0; i < partitions_.size(); ++i) {
    if (partitions_[i].is_ours) partitions.push_back(i);
  }
  return partitions;
}

std::optional<bool> Consumer::has_all() const {
  const struct rd_kafka_metadata* found = nullptr;
  const auto failed = rd_kafka_metadata(native_->handle, 1, nullptr, &found, probe_ms);
  const Metadata metadata(found);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  std::size_t all = 0;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const auto& topic = metadata->topics[i];
    if (!is_meant(config_.topics, topic.topic)) continue;
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    all += static_cast<std::size_t>(topic.partition_cnt);
  }
  return ours().size() >= all;
}

/// While something is wrong, or may be, asks whether it is. Messages, answers and partitions do not
/// show it: they may have come before it went wrong. Nor does librdkafka: that no broker is left it
/// says once, or never, where one that it knows of was not asked yet.
void Consumer::probe() {
  auto& complaints = native_->complaints;
  const bool is_wrong = complaints.is_down || complaints.is_doubtful || !missing_.empty();
  if (!is_wrong || stopwatch() - probed_ < between_probes) return;
  const struct rd_kafka_metadata* found = nullptr;
  const auto failed =
      rd_kafka_metadata(native_->handle, missing_.empty() ? 0 : 1, nullptr, &found, probe_ms);
  const Metadata metadata(found);
  probed_ = stopwatch();
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (complaints.is_doubtful) complaints.is_down = true;
    return;
  }
  complaints.is_down = complaints.is_doubtful = false;
  for (int i = 0; i < metadata->topic_cnt; ++i) missing_.erase(metadata->topics[i].topic);
}

std::string Consumer::trouble() {
  probe();
  const auto& complaints = native_->complaints;
  if (complaints.is_down) {
    return complaints.last.empty() ? fmt::format("{}: no broker answers", config_.client.brokers)
                                   : complaints.last;
  }
  if (!missing_.empty()) return fmt::format("there is no topic '{}'", *missing_.begin());
  if (in_doubt_ && stopwatch() - *in_doubt_ > doubt_patience) {
    return fmt::format("group '{}' does not say whether we still belong to it", config_.group);
  }
  return refusal_;
}

}  // namespace sosie::kafka
