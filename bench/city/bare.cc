// bare PORT COUNT: reads COUNT messages of city/# at a broker and writes each to out/…, by
// libmosquitto and nothing else. Prints "ready", then as JSON what that cost.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <mosquitto.h>
#include <sys/resource.h>

namespace {

struct Work {
  long wanted = 0;
  long done = 0;
  std::chrono::steady_clock::time_point began;
};

double cpu_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void on_message(mosquitto* client, void* data, const mosquitto_message* message) {
  auto& work = *static_cast<Work*>(data);
  if (work.done++ == 0) work.began = std::chrono::steady_clock::now();
  const std::string topic = std::string("out/") + message->topic;
  mosquitto_publish(client, nullptr, topic.c_str(), message->payloadlen, message->payload, 0, false);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  Work work;
  work.wanted = std::atol(argv[2]);
  mosquitto_lib_init();
  auto* const client = mosquitto_new(nullptr, true, &work);
  mosquitto_message_callback_set(client, on_message);
  if (mosquitto_connect(client, "127.0.0.1", std::atoi(argv[1]), 60) != MOSQ_ERR_SUCCESS) return 1;
  mosquitto_subscribe(client, nullptr, "city/#", 0);
  for (int i = 0; i < 50; ++i) mosquitto_loop(client, 10, 1);
  std::puts("ready");
  std::fflush(stdout);
  const double before = cpu_s();
  while (work.done < work.wanted) {
    if (mosquitto_loop(client, 1000, 1) != MOSQ_ERR_SUCCESS) return 1;
  }
  while (mosquitto_want_write(client)) mosquitto_loop(client, 10, 1);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - work.began;
  std::printf("{\"messages\": %ld, \"seconds\": %.3f, \"cpu_s\": %.3f}\n", work.done, took.count(), cpu_s() - before);
  mosquitto_destroy(client);
  return 0;
}
