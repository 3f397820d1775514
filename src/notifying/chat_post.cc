#include "notifying/chat_post.h"

#include <utility>

#include "notifying/http_post.h"
#include "notifying/step_filter.h"

namespace sosie {
namespace {

class ChatPost final : public Notifier {
 public:
  ChatPost(std::string_view name, ChatBody* body, StepFilter filter, Wording wording, HttpPost post)
      : name_(name),
        body_(body),
        filter_(std::move(filter)),
        wording_(std::move(wording)),
        post_(std::move(post)) {}

  bool wants(const AlarmEvent& event) const override { return filter_.wants(event); }

  Result<void> tell(const AlarmEvent& event, const SeriesTable& series) override {
    if (!filter_.wants(event)) return {};
    return post_.send(body_(wording_, event, series), event, name_);
  }

 private:
  const std::string_view name_;
  ChatBody* const body_;
  const StepFilter filter_;
  const Wording wording_;
  HttpPost post_;
};

}  // namespace

Result<std::unique_ptr<Notifier>> read_chat_post(Section& section, std::string_view name,
                                                 ChatBody* body) {
  auto post = TRY(HttpPost::read_secret(section));
  auto filter = TRY(StepFilter::read(section));
  auto wording = TRY(Wording::read(section));
  return std::make_unique<ChatPost>(name, body, std::move(filter), std::move(wording),
                                    std::move(post));
}

}  // namespace sosie
