#include "web/delivery/notification_bytes.h"

#include <bit>
#include <cstring>

namespace sosie::delivery {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr char format = 2;
constexpr char with_password = 1;  ///< as earlier ones wrote it

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void operator()(const std::string& text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    append(&size, sizeof size);
    out_ += text;
  }
  template <class Number>
    requires std::is_integral_v<Number> || std::is_enum_v<Number>
  void operator()(const Number& number) {
    const auto wide = static_cast<std::int64_t>(number);
    append(&wide, sizeof wide);
  }
  void operator()(const Timestamp& at) { (*this)(at.time_since_epoch().count()); }
  void operator()(const std::chrono::milliseconds& span) { (*this)(span.count()); }
  void operator()(const ngsi::Headers& headers) {
    (*this)(headers.size());
    for (const auto& header : headers) {
      (*this)(header.name);
      (*this)(header.value);
    }
  }

 private:
  void append(const void* bytes, std::size_t size) {
    out_.append(static_cast<const char*>(bytes), size);
  }
  std::string& out_;
};

/// Once something was wrong, everything else is empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  void operator()(std::string& text) {
    std::uint32_t size = 0;
    take(&size, sizeof size);
    is_whole_ = is_whole_ && rest_.size() >= size;
    if (!is_whole_) return;
    text = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  template <class Number>
    requires std::is_integral_v<Number> || std::is_enum_v<Number>
  void operator()(Number& number) {
    std::int64_t wide = 0;
    take(&wide, sizeof wide);
    number = static_cast<Number>(wide);
  }
  void operator()(Timestamp& at) {
    std::int64_t us = 0;
    (*this)(us);
    at = Timestamp(Duration(us));
  }
  void operator()(std::chrono::milliseconds& span) {
    std::int64_t ms = 0;
    (*this)(ms);
    span = std::chrono::milliseconds(ms);
  }
  void operator()(ngsi::Headers& headers) {
    std::uint64_t count = 0;
    (*this)(count);
    for (; count > 0 && is_whole_; --count) {
      auto& header = headers.emplace_back();
      (*this)(header.name);
      (*this)(header.value);
    }
  }
  bool is_whole() const { return is_whole_ && rest_.empty(); }

 private:
  void take(void* to, std::size_t size) {
    is_whole_ = is_whole_ && rest_.size() >= size;
    if (!is_whole_) return;
    std::memcpy(to, rest_.data(), size);
    rest_.remove_prefix(size);
  }
  std::string_view rest_;
  bool is_whole_ = true;
};

/// The one order of the fields, for both ways.
template <class Way, class Subject>
void walk(Way& way, Subject& subject) {
  way(subject.subscription);
  way(subject.number);
  way(subject.at);
  way(subject.transport);
  way(subject.body);
  way(subject.timeout);
  way(subject.method);
  way(subject.url);
  way(subject.headers);
  way(subject.host);
  way(subject.port);
  way(subject.topic);
  way(subject.qos);
  way(subject.retain);
  way(subject.user);
}

}  // namespace

std::string to_bytes(const ngsi::Notification& notification) {
  std::string bytes(1, format);
  bytes.reserve(256 + notification.body.size() + notification.url.size());
  Writer writer(bytes);
  walk(writer, notification);
  return bytes;
}

Result<ngsi::Notification> from_bytes(std::string_view bytes) {
  if (bytes.empty()) return Error{Errc::corrupt, "a message in the outbox is empty"};
  if (bytes.front() != format && bytes.front() != with_password) {
    return Error{Errc::unsupported,
                 fmt::format("a message in the outbox has format {}, known is {}",
                             static_cast<int>(bytes.front()), static_cast<int>(format))};
  }
  ngsi::Notification notification;
  Reader reader(bytes.substr(1));
  walk(reader, notification);
  if (bytes.front() == with_password) reader(notification.password);
  if (!reader.is_whole() || notification.transport > ngsi::Notification::Transport::events) {
    return Error{Errc::corrupt, "a message in the outbox is damaged"};
  }
  return notification;
}

}  // namespace sosie::delivery
