#pragma once

#include <bson/bson.h>

#include "core/sink.h"

namespace sosie::mongodb {

/// The `_id` of a reading's document: the same for the same series and time, so that what is sent
/// twice is there once. An ObjectId as MongoDB makes them (its first four bytes are the second, so
/// ids grow with time), but the other eight are a hash of series and time instead of chance.
bson_oid_t id_of(const Reading& reading, const SeriesInfo& series);

/// Of a step of an alarm: the same for the same step.
bson_oid_t id_of(const AlarmEvent& step);

}  // namespace sosie::mongodb
