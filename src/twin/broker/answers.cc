#include "twin/broker/answers.h"

#include <fmt/format.h>

#include "twin/model/render.h"

namespace sosie::ngsi {

Answer json_answer(std::string body, int status) {
  Answer answer;
  answer.status = status;
  answer.headers.push_back({"Content-Type", "application/json"});
  answer.body = std::move(body);
  return answer;
}

Answer text_answer(std::string body) {
  Answer answer;
  answer.headers.push_back({"Content-Type", "text/plain"});
  answer.body = std::move(body);
  return answer;
}

Answer no_content() {
  Answer answer;
  answer.status = 204;
  return answer;
}

Answer created(std::string location) {
  Answer answer;
  answer.status = 201;
  answer.headers.push_back({"Location", std::move(location)});
  return answer;
}

Answer error_answer(const NgsiError& error) {
  return json_answer(render_error(error), error.status);
}

NgsiError not_found(std::string description) {
  return {.status = 404, .error = "NotFound", .description = std::move(description)};
}

NgsiError entity_not_found() {
  return not_found("The requested entity has not been found. Check type and id");
}

NgsiError attribute_not_found() {
  return not_found("The entity does not have such an attribute");
}

NgsiError too_many_results() {
  return {.status = 409,
          .error = "TooManyResults",
          .description = "More than one matching entity. Please refine your query"};
}

NgsiError unprocessable(std::string description) {
  return {.status = 422, .error = "Unprocessable", .description = std::move(description)};
}

}  // namespace sosie::ngsi
