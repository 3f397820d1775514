#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "web/http.h"

namespace sosie::web {

/// Whether an answer may be made on the thread that does all input and output.
enum class Pace {
  quick,  ///< some 50 us, from memory, never waiting
  slow,   ///< asks the store, waits, or computes
};

struct Route {
  std::string method;   ///< "GET"
  std::string pattern;  ///< "/api/series/{id}/history"; what stands for {…} is captured
  Pace pace;
  Handler handler;
};

/// Finds who answers. Set up before the server starts; then any thread.
class Router {
 public:
  void add(Route route);

  /// Answers what no route names and lies outside /api.
  void otherwise(Handler handler) { otherwise_ = std::move(handler); }

  /// 404 where no route is, 405 with Allow where another method is meant.
  Response answer(Request& request) const;
  bool is_quick(const Request& request) const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> parts;  ///< of the pattern
  };
  const Entry* find(const Request& request, std::vector<std::string>* captured) const;

  std::vector<Entry> entries_;
  Handler otherwise_;
};

}  // namespace sosie::web
