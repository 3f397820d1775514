/* Sosie's engine for programs in other languages: a scenario's mapping and rules over messages that
 * the program itself brings. Plain C; no store, no thread and no socket behind it.
 *
 *     char* why = NULL;
 *     sosie_shard* shard = sosie_open("fleet.toml", "", 0, &why);
 *     if (shard == NULL) { fprintf(stderr, "%s\n", why); sosie_free(why); return 1; }
 *     sosie_take(shard, &values, &keys, &times);
 *     const sosie_texts events = sosie_events(shard);       // JSON, one each
 *     for (int64_t i = 0; i < events.count; ++i)
 *       fwrite(events.data + events.offsets[i], 1, events.offsets[i + 1] - events.offsets[i], out);
 *     sosie_close(shard);
 *
 * A device's messages must all come to one shard; different shards may live on different threads,
 * one shard is used by one thread at a time. Nothing is thrown and nothing ends the program but
 * memory that runs out. docs/bindings.md says what is in an event. */
#ifndef SOSIE_H
#define SOSIE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when a function changes its meaning or goes. */
#define SOSIE_API_VERSION 1
int32_t sosie_api_version(void);
const char* sosie_version(void);

typedef struct sosie_shard sosie_shard;

/* Texts as Arrow's binary and utf8 arrays have them: element i is the bytes offsets[first + i] to
 * offsets[first + i + 1] of data; where validity is not NULL and its bit first + i (lowest bit
 * first) is 0, there is none. */
typedef struct {
  int64_t count;
  int64_t first;
  const uint8_t* validity;
  const int32_t* offsets;
  const uint8_t* data;
} sosie_texts;

/* Microseconds since 1970, UTC, as Arrow's timestamp[us] arrays have them. */
typedef struct {
  int64_t count;
  int64_t first;
  const uint8_t* validity;
  const int64_t* values;
} sosie_times;

typedef struct {
  uint64_t messages;
  uint64_t readings;
  uint64_t messages_refused;
  uint64_t readings_refused; /* not finite, or of no credible time */
  uint64_t late;
  uint64_t too_late;
  uint64_t events;
} sosie_counts;

/* The scenario's rules over the messages of its [[source]] of this name ("": its only one of kind
 * "kafka"). `only_one`: not 0 if all devices come to this shard, which rules of groups need.
 * NULL: *why says why, in a text for sosie_free. */
sosie_shard* sosie_open(const char* scenario_file, const char* source, int32_t only_one,
                        char** why);
void sosie_close(sosie_shard* shard);
void sosie_free(char* text);

/* Judges messages, in their order. `keys` and `times` may be NULL: there are none. What earlier
 * calls left in events, refused and reasons is forgotten. 0: done; -1: sosie_error says what was
 * asked wrongly (counts that differ), and nothing was taken. A message that is no good is no error:
 * it is among the refused. */
int32_t sosie_take(sosie_shard* shard, const sosie_texts* values, const sosie_texts* keys,
                   const sosie_times* times);

/* Of the last sosie_take; valid until the next call of take, load or close. `rows`: which messages
 * were refused, as many as there are reasons. */
sosie_texts sosie_events(const sosie_shard* shard);
sosie_texts sosie_reasons(const sosie_shard* shard);
const int64_t* sosie_refused_rows(const sosie_shard* shard);
/* Since the shard was opened. */
sosie_counts sosie_count(const sosie_shard* shard);

/* The state of all devices: how many bytes, and where (valid until the next save or close). It
 * depends on the scenario's rules and on the machine's byte order, on nothing else. */
int64_t sosie_save(sosie_shard* shard, const uint8_t** state);
/* Goes on from there. REQUIRES: nothing was taken yet. -1: sosie_error says why; the shard can only
 * be closed then. */
int32_t sosie_load(sosie_shard* shard, const uint8_t* state, int64_t size);

/* What the last call that returned -1 has to say. */
const char* sosie_error(const sosie_shard* shard);

#ifdef __cplusplus
}
#endif
#endif
