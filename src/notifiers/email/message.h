#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace sosie::email {

/// A mail as it is to be written.
struct Message {
  std::string from;  ///< "sosie@example.org" or "Sosie <sosie@example.org>"
  std::vector<std::string> to;
  std::string subject;      ///< UTF-8
  std::string text;         ///< UTF-8, lines end with \n
  std::string id;           ///< without its brackets; unique in the world
  std::string in_reply_to;  ///< the first mail of the thread; empty: this is it
  Timestamp at;
};

/// Internet message format (RFC 5322) with MIME (RFC 2045, 2047). Pure ASCII, lines end with \r\n,
/// and nothing in a subject or text can become a header.
std::string to_internet_message(const Message& message);

/// "ana@example.org" of "Ana <ana@example.org>"; empty if it is no address that we may put into a
/// command of SMTP.
std::string mailbox_of(std::string_view address);

}  // namespace sosie::email
