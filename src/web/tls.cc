#include "web/tls.h"

namespace sosie::web {

namespace asio = boost::asio;
using boost::system::error_code;

Result<std::unique_ptr<asio::ssl::context>> make_tls(const Listener& listener) {
  auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code failed;
  failed = tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                                asio::ssl::context::no_tlsv1_1,
                            failed);
  failed = tls->use_certificate_chain_file(listener.certificate, failed);
  if (failed) {
    return Error{Errc::invalid,
                 fmt::format("certificate {}: {}", listener.certificate, failed.message())};
  }
  failed = tls->use_private_key_file(listener.key, asio::ssl::context::pem, failed);
  if (failed)
    return Error{Errc::invalid, fmt::format("key {}: {}", listener.key, failed.message())};
  return tls;
}

}  // namespace sosie::web
