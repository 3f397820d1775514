#pragma once

// Only server.cc and tls.cc include this: Asio's TLS costs seconds to compile.

#include <memory>

#include <boost/asio/ssl/context.hpp>

#include "base/result.h"
#include "web/listener.h"

namespace sosie::web {

/// TLS 1.2 or later with the listener's certificate and key. Errors: invalid (they cannot be used).
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls(const Listener& listener);

}  // namespace sosie::web
