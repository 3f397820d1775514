#pragma once

#include <string>
#include <utility>

#include <bson/bson.h>

namespace sosie::mongodb {

/// A BSON document that frees itself. (No unique_ptr: bson_t has an alignment of its own, which a
/// template's argument loses.)
class Bson {
 public:
  explicit Bson(bson_t* document) : document_(document) {}
  ~Bson() { bson_destroy(document_); }
  Bson(Bson&& other) noexcept : document_(std::exchange(other.document_, nullptr)) {}
  Bson& operator=(Bson&& other) noexcept {
    std::swap(document_, other.document_);
    return *this;
  }
  Bson(const Bson&) = delete;
  Bson& operator=(const Bson&) = delete;

  bson_t* get() const { return document_; }
  bson_t& operator*() const { return *document_; }
  bson_t* operator->() const { return document_; }

 private:
  bson_t* document_;
};

inline Bson make_bson() {
  return Bson(bson_new());
}

/// As people write it; for messages and tests.
inline std::string to_json(const bson_t& document) {
  std::size_t size = 0;
  char* text = bson_as_relaxed_extended_json(&document, &size);
  if (text == nullptr) return "{}";
  std::string json(text, size);
  bson_free(text);
  return json;
}

}  // namespace sosie::mongodb
