#include "engine/frame_builder.h"

#include <cmath>

#include <doctest/doctest.h>

namespace sosie {
namespace {

using std::chrono::seconds;

/// An asset of two series, a frame every 5 s; frames as text: "10: 1 -" is second, values, NaN '-'.
class FrameRig {
 public:
  FrameRig() : frames_("plant", seconds(5), table_) {
    for (const char* name : {"A", "B"}) {
      SeriesInfo info;
      info.entity = name;
      info.attribute = "value";
      info.asset = "plant";
      table_.declare(info);
    }
    frames_.refresh();
  }

  void put(std::uint32_t series, int second, double value) {
    frames_.add({Timestamp(seconds(second)), value, SeriesId{series}}, note());
  }
  void put_under_maintenance(std::uint32_t series, int second, double value) {
    frames_.add({Timestamp(seconds(second)), value, SeriesId{series}, Quality::uncertain,
                 QualityReason::maintenance},
                note());
  }
  void advance(int second) { frames_.advance(Timestamp(seconds(second)), note()); }
  std::string seen() { return std::exchange(seen_, {}); }

 private:
  FrameBuilder::Closed note() {
    return [this](const Frame& frame) {
      seen_ += std::to_string(frame.at.time_since_epoch() / seconds(1)) + ":";
      for (std::size_t i = 0; i < frame.values.size(); ++i) {
        seen_ += ' ';
        if (std::isnan(frame.values[i])) {
          seen_ += '-';
        } else {
          seen_ += std::to_string(static_cast<int>(frame.values[i]));
        }
        if (frame.fresh[i] != 0) seen_ += '*';
      }
      seen_ += '\n';
    };
  }

  SeriesTable table_;
  FrameBuilder frames_;
  std::string seen_;
};

TEST_CASE("a frame goes out as soon as every column has its value") {
  FrameRig rig;
  rig.put(0, 1000, 1);
  CHECK(rig.seen().empty());
  rig.put(1, 1000, 2);
  CHECK(rig.seen() == "1000: 1* 2*\n");
  rig.put(0, 1005, 3);
  CHECK(rig.seen().empty());
}

TEST_CASE("a later reading closes a frame that lacks some, which hold their last value") {
  FrameRig rig;
  rig.put(0, 1000, 1);
  rig.put(1, 1000, 2);
  rig.put(0, 1005, 3);
  rig.put(0, 1010, 4);
  CHECK(rig.seen() == "1000: 1* 2*\n1005: 3* 2\n");
}

TEST_CASE("a sensor under maintenance is there, and not judged by what it says") {
  FrameRig rig;
  rig.put(0, 5, 1);
  rig.put(1, 5, 2);
  rig.put_under_maintenance(0, 10, 1);
  rig.put(1, 10, 3);
  rig.put(1, 15, 4);
  rig.put(0, 15, 5);
  CHECK(rig.seen() == "5: 1* 2*\n10: -* 3*\n15: 5* 4*\n");
}

TEST_CASE("time passing closes frames too, and silence makes values stale") {
  FrameRig rig;
  rig.put(0, 1000, 1);
  rig.put(1, 1000, 2);
  rig.seen();
  rig.advance(1040);
  CHECK(rig.seen() ==
        "1005: 1 2\n1010: 1 2\n1015: 1 2\n1020: 1 2\n1025: 1 2\n1030: - -\n1035: - -\n");
}

TEST_CASE("a long gap gives a bounded number of empty frames") {
  FrameRig rig;
  rig.put(0, 1000, 1);
  rig.put(1, 1000, 2);
  rig.seen();
  rig.put(0, 100'000'000, 3);
  const auto seen = rig.seen();
  CHECK(std::count(seen.begin(), seen.end(), '\n') == FrameBuilder::longest_gap_frames);
}

TEST_CASE("a reading of a frame that is out changes no frame") {
  FrameRig rig;
  rig.put(0, 1000, 1);
  rig.put(0, 1010, 2);
  rig.seen();
  rig.put(1, 1004, 9);
  rig.put(0, 1015, 3);
  CHECK(rig.seen() == "1010: 2* -\n");
}

}  // namespace
}  // namespace sosie
