#pragma once

#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "places/geojson.h"

namespace sosie::places {

/// A city of rows × columns districts around Toulouse that cover it without a gap. What two of them
/// share is one crooked line, of `steps` sides.
class CityOfDistricts {
 public:
  CityOfDistricts(int rows, int columns, int steps, unsigned seed)
      : rows_(rows), columns_(columns), steps_(steps), chance_(seed) {
    const int width = (columns * steps) + 1;
    const int height = (rows * steps) + 1;
    std::uniform_real_distribution<double> shift(-0.3, 0.3);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const bool is_rim = x == 0 || y == 0 || x == width - 1 || y == height - 1;
        const double dx = is_rim ? 0 : shift(chance_);
        const double dy = is_rim ? 0 : shift(chance_);
        corners_.push_back(
            {1.35 + (0.15 * (x + dx) / (width - 1)), 43.53 + (0.14 * (y + dy) / (height - 1))});
      }
    }
  }

  std::vector<std::vector<Polygon>> districts() const {
    std::vector<std::vector<Polygon>> all;
    for (int row = 0; row < rows_; ++row) {
      for (int column = 0; column < columns_; ++column) {
        all.push_back({made_valid(Polygon{ring(row, column), {}}).value()});
      }
    }
    return all;
  }

  /// The same as a file.
  std::string geojson() const {
    std::string features;
    for (int row = 0; row < rows_; ++row) {
      for (int column = 0; column < columns_; ++column) {
        std::string places;
        for (const Place& place : ring(row, column)) {
          places +=
              fmt::format("{}[{},{}]", places.empty() ? "" : ",", place.longitude, place.latitude);
        }
        features += fmt::format(
            R"({}{{"type":"Feature","properties":{{"code":"{}.{}","nom":"Quartier {}"}},)"
            R"("geometry":{{"type":"Polygon","coordinates":[[{}]]}}}})",
            features.empty() ? "" : ",", row, column, (row * columns_) + column, places);
      }
    }
    return fmt::format(R"({{"type":"FeatureCollection","features":[{}]}})", features);
  }

  const std::vector<Place>& corners() const { return corners_; }

  /// Anywhere in the city, or a little outside.
  Place anywhere() {
    std::uniform_real_distribution<double> east(1.345, 1.505);
    std::uniform_real_distribution<double> north(43.525, 43.675);
    const double longitude = east(chance_);
    return {longitude, north(chance_)};
  }

 private:
  const Place& corner(int x, int y) const {
    return corners_[(static_cast<std::size_t>(y) *
                     static_cast<std::size_t>((columns_ * steps_) + 1)) +
                    static_cast<std::size_t>(x)];
  }
  Ring ring(int row, int column) const {
    const int west = column * steps_;
    const int south = row * steps_;
    Ring made;
    for (int i = 0; i < steps_; ++i) made.push_back(corner(west + i, south));
    for (int i = 0; i < steps_; ++i) made.push_back(corner(west + steps_, south + i));
    for (int i = steps_; i > 0; --i) made.push_back(corner(west + i, south + steps_));
    for (int i = steps_; i >= 0; --i) made.push_back(corner(west, south + i));
    return made;
  }

  int rows_;
  int columns_;
  int steps_;
  std::mt19937 chance_;
  std::vector<Place> corners_;
};

}  // namespace sosie::places
