#include "store/chunk.h"

#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include <doctest/doctest.h>

#include "base/random.h"
#include "store/columns.h"

namespace sosie {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Timestamp at_us(std::int64_t us) {
  return Timestamp(Duration(us));
}

std::vector<Reading> series_of(std::size_t n, const std::function<Reading(std::size_t)>& make) {
  std::vector<Reading> readings(n);
  for (std::size_t i = 0; i < n; ++i) readings[i] = make(i);
  return readings;
}

/// Also where == says otherwise: NaN, and -0 against 0.
bool same_bits(const std::vector<Reading>& a, const std::vector<Reading>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].at != b[i].at || a[i].series != b[i].series || a[i].quality != b[i].quality ||
        a[i].reason != b[i].reason ||
        std::bit_cast<std::uint64_t>(a[i].value) != std::bit_cast<std::uint64_t>(b[i].value)) {
      return false;
    }
  }
  return true;
}

std::size_t size_after_round_trip(const std::vector<Reading>& readings) {
  std::string bytes;
  encode_chunk(readings, bytes);
  std::vector<Reading> back;
  const auto decoded = decode_chunk(bytes, readings.front().series, back);
  REQUIRE(decoded);
  CHECK(same_bits(back, readings));
  return bytes.size();
}

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t start_us = 1'795'000'000 * second;

}  // namespace

TEST_CASE("chunk: what goes in comes out, bit for bit, in as few bytes") {
  Random random(1);
  const auto regular = [](std::size_t i) {
    return at_us(start_us + static_cast<std::int64_t>(i) * 5 * second);
  };
  struct Case {
    const char* name;
    std::size_t n;
    std::function<Reading(std::size_t)> make;
    std::size_t most_bytes;
  };
  double walk = 20;
  const Case cases[] = {
      {"one point", 1, [&](auto) { return Reading{.at = regular(0), .value = 7.25}; }, 30},
      {"a constant", 512, [&](auto i) { return Reading{.at = regular(i), .value = 3}; }, 40},
      {"a slow walk with two decimals", 512,
       [&](auto i) {
         walk += random.normal() * 0.02;
         return Reading{.at = regular(i), .value = std::round(walk * 100) / 100};
       },
       512 * 6 / 8 + 40},
      {"whole numbers", 512,
       [&](auto i) { return Reading{.at = regular(i), .value = static_cast<double>(i % 10)}; },
       512 * 5 / 8 + 40},
      {"floats of 32 bits", 512,
       [&](auto i) {
         return Reading{.at = regular(i), .value = static_cast<float>(random.normal())};
       },
       512 * 5},
      {"noise in every bit", 512,
       [&](auto i) {
         return Reading{.at = regular(i), .value = std::bit_cast<double>(random.bits())};
       },
       512 * 9},
      {"awkward values", 12,
       [&](auto i) {
         const double values[] = {
             0.0,     -0.0,     infinity, -infinity, std::nan(""),       5e-324,
             1.7e308, -1.7e308, 0.1,      1e22,      9007199254740993.0, -1e-300};
         return Reading{.at = regular(i), .value = values[i]};
       },
       140},
      {"minus zero among zeros", 512,
       [&](auto i) { return Reading{.at = regular(i), .value = i == 300 ? -0.0 : 0.0}; }, 110},
      {"a rhythm with gaps", 512,
       [&](auto i) { return Reading{.at = regular(i + i / 100 * 7777), .value = 1}; }, 70},
      {"times that tremble by milliseconds", 512,
       [&](auto i) {
         return Reading{.at = regular(i) + std::chrono::milliseconds(random.below(40)), .value = 1};
       },
       512 * 7 / 8 + 40},
      {"times anywhere", 512,
       [&](auto i) {
         return Reading{
             .at = at_us(INT64_MIN / 2 + static_cast<std::int64_t>(i) * (INT64_MAX / 1000)),
             .value = 1};
       },
       1000},
      {"outliers", 512,
       [&](auto i) { return Reading{.at = regular(i), .value = i % 97 == 5 ? -9999 : 7.1}; }, 100},
      {"qualities", 512,
       [&](auto i) {
         return Reading{.at = regular(i),
                        .value = 1,
                        .quality = i > 400 ? Quality::bad : Quality::good,
                        .reason = i > 400 ? QualityReason::not_connected : QualityReason::none};
       },
       50},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto readings = series_of(c.n, c.make);
    CHECK(size_after_round_trip(readings) <= c.most_bytes);
  }
}

TEST_CASE("chunk: random series of every shape survive") {
  Random random(2);
  for (int round = 0; round < 600; ++round) {
    std::int64_t t = static_cast<std::int64_t>(random.bits() >> 8U) - (std::int64_t{1} << 54U);
    const std::uint64_t unit = 1 + random.below(3) * 999;
    const double digits = std::pow(10, static_cast<double>(random.below(17)));
    const std::uint64_t shape = random.below(4);
    const auto readings = series_of(1 + random.below(700), [&](auto) {
      t +=
          static_cast<std::int64_t>(unit * (1 + (random.below(3) == 0 ? random.below(100000) : 0)));
      double value = random.normal() * 100;
      if (shape == 0) value = std::round(value * digits) / digits;
      if (shape == 1) value = std::bit_cast<double>(random.bits());
      if (shape == 2 && random.below(10) == 0) value = 0;
      return Reading{
          .at = at_us(t),
          .value = value,
          .series = {9},
          .quality = static_cast<Quality>(random.below(20) == 0 ? random.below(3) : 0),
          .reason = static_cast<QualityReason>(random.below(20) == 0 ? random.below(8) : 0)};
    });
    size_after_round_trip(readings);
  }
}

TEST_CASE("chunk: any damage is an error") {
  Random random(3);
  const auto readings = series_of(200, [&](auto i) {
    return Reading{.at = at_us(start_us + static_cast<std::int64_t>(i) * second),
                   .value = std::round(random.normal() * 100) / 100};
  });
  std::string good;
  encode_chunk(readings, good);
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
    std::vector<Reading> out;
    CHECK_FALSE(decode_chunk(bad, {}, out));
    CHECK(out.empty());
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    std::vector<Reading> out;
    CHECK_FALSE(decode_chunk(std::string_view(good).substr(0, size), {}, out));
  }
}

TEST_CASE("chunk: buckets survive, and decimal sums are the true ones") {
  Random random(4);
  for (const auto resolution : {Resolution::minute, Resolution::hour, Resolution::day}) {
    std::vector<Reading> readings;
    for (int i = 0; i < 20000; ++i) {
      readings.push_back({.at = at_us(start_us + i * 5 * second),
                          .value = std::round(random.normal() * 1000) / 100,
                          .quality = random.below(50) == 0 ? Quality::bad : Quality::good});
    }
    std::vector<Bucket> buckets;
    roll_up(readings, width_of(resolution), buckets);
    std::string bytes;
    encode_buckets(buckets, resolution, bytes);
    std::vector<Bucket> back;
    REQUIRE(decode_buckets(bytes, resolution, back));
    REQUIRE(back.size() == buckets.size());
    for (std::size_t i = 0; i < back.size(); ++i) {
      CHECK(back[i].sum == doctest::Approx(buckets[i].sum).epsilon(1e-13));
      CHECK(back[i].sum * 100 == doctest::Approx(std::round(back[i].sum * 100)).epsilon(1e-14));
      back[i].sum = buckets[i].sum;
      CHECK(back[i] == buckets[i]);
    }
    std::string again = bytes;
    again[again.size() / 2] = static_cast<char>(again[again.size() / 2] ^ 4);
    CHECK_FALSE(decode_buckets(again, resolution, back));
  }
}

TEST_CASE("chunk: buckets of one reading cost little more than the reading") {
  std::vector<Reading> readings;
  Random random(5);
  for (int i = 0; i < 128; ++i) {
    readings.push_back({.at = at_us(start_us + i * 60 * second),
                        .value = std::round(random.normal() * 100) / 100});
  }
  std::vector<Bucket> buckets;
  roll_up(readings, width_of(Resolution::minute), buckets);
  std::string rolled;
  encode_buckets(buckets, Resolution::minute, rolled);
  std::string raw;
  encode_chunk(readings, raw);
  CHECK(rolled.size() < 2 * raw.size() + 20);
}

TEST_CASE("integers: any column survives, also where differences overflow") {
  Random random(6);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::int64_t> values(random.below(300));
    const auto shift = static_cast<unsigned>(random.below(64));
    for (auto& v : values) {
      v = static_cast<std::int64_t>(random.bits() >> shift);
      if (random.below(30) == 0) v = random.below(2) == 0 ? INT64_MIN : INT64_MAX;
    }
    std::string bytes;
    ByteWriter out(bytes);
    write_integers(out, values);
    std::vector<std::int64_t> back(values.size());
    ByteReader in(bytes);
    read_integers(in, back);
    CHECK(in.ok());
    CHECK(in.at_end());
    CHECK(back == values);
  }
}

}  // namespace sosie
