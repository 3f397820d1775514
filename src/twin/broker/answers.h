#pragma once

#include <string>
#include <string_view>

#include "twin/broker/message.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

Answer json_answer(std::string body, int status = 200);
Answer text_answer(std::string body);
Answer no_content();
Answer created(std::string location);
Answer error_answer(const NgsiError& error);

// The errors that more than one resource gives.

NgsiError not_found(std::string description);
NgsiError entity_not_found();
NgsiError attribute_not_found();
NgsiError too_many_results();
NgsiError unprocessable(std::string description);

}  // namespace sosie::ngsi
